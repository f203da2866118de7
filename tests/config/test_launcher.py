"""The launcher: starts on bare folders, never leaves a process behind, never shares its data."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from config import services
from embedded import LauncherError, Pair, ballast, ensure_keys, processes, valkey
from embedded.ballast import Ballast
from embedded.pair import socket_folder
from embedded.processes import bound_command, command_of, wait_until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def launched():
    """Start launchers as programs of their own; whatever is left of them ends with the test."""
    started = []

    def launch(*command):
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield launch
    for process in started:
        process.terminate()
        process.wait(20)


def launch_pair(launched, data_dir):
    launcher = launched("-m", "embedded", "--fast", "--data-dir", str(data_dir))
    urls = dict(launcher.stdout.readline().strip().split("=", 1) for _ in range(3))
    pids = [int((data_dir / note).read_text().split()[0]) for note in ("postgres/postmaster.pid", "valkey/valkey.pid")]
    return launcher, urls, pids


def connect(pair, database="plaza"):
    return psycopg2.connect(host=str(pair.postgres.sockets), user="plaza", dbname=database)


def test_it_serves_chinese_text(data_dir):
    with Pair(data_dir, durable=False) as pair, connect(pair) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT similarity('警务广场', '警务e广场')")
        assert cursor.fetchone()[0] == pytest.approx(0.375)
        assert redis.from_url(pair.addresses()["REDIS_URL"]).ping()


def test_it_starts_after_an_interrupted_first_start(data_dir):
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "half").write_text("")
    with Pair(data_dir, durable=False, want_valkey=False) as pair:
        assert pair.postgres.sql("SELECT 1").strip() == "1"


def test_a_killed_launcher_leaves_no_process_and_no_loss(launched, data_dir):
    launcher, _, pids = launch_pair(launched, data_dir)
    psql = Pair(data_dir)
    connection = psycopg2.connect(host=str(socket_folder(psql.data_dir)), user="plaza", dbname="plaza")
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE said (words text); INSERT INTO said VALUES ('路灯不亮')")
    launcher.kill()
    assert wait_until(lambda: not any(command_of(pid) for pid in pids), 5)
    with Pair(data_dir, durable=False) as pair, connect(pair) as again, again.cursor() as cursor:
        cursor.execute("SELECT words FROM said")
        assert cursor.fetchall() == [("路灯不亮",)]


def test_a_second_launcher_on_the_same_data_is_refused(data_dir):
    command = [sys.executable, "-m", "embedded", "--fast", "--data-dir", str(data_dir)]
    with Pair(data_dir, durable=False, want_postgres=False):
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert f"in use by another launcher (process {os.getpid()})" in second.stderr
    with Pair(data_dir, durable=False, want_postgres=False):
        pass  # after the first has gone it may


def test_a_server_that_died_is_started_again(data_dir):
    with Pair(data_dir, durable=False) as pair:
        pair.postgres.process.kill()
        pair.postgres.process.wait()
        assert pair.revive() == ["Postgres had ended and was started again"]
        assert pair.postgres.sql("SELECT 1").strip() == "1"
        assert pair.revive() == []


def test_sockets_of_a_long_data_folder_are_short(tmp_path):
    folder = socket_folder(tmp_path / ("长" * 40))
    try:
        assert len(os.fsencode(folder)) < 90
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()


PARENT = """
import subprocess, sys
from embedded.processes import bound_command
command = ["sleep", "60"]
if sys.argv[1] == "bound":
    command = bound_command(command, death_signal="SIGTERM")
print(subprocess.Popen(command).pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
@pytest.mark.parametrize(("kind", "survives"), [("bound", False), ("free", True)])
def test_only_a_bound_child_ends_with_its_parent(kind, survives):
    command = [sys.executable, "-c", PARENT, kind]
    parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert wait_until(lambda: command_of(child).startswith("sleep"), 5)
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not command_of(child), 1) is not survives
    if survives:
        os.kill(child, signal.SIGKILL)


def test_a_bound_command_runs_with_default_signals():
    """A shell's background job ignores SIGINT, and its children must not inherit that."""
    show = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        command = bound_command([sys.executable, "-c", show], death_signal="SIGTERM")
        assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "False"
    finally:
        signal.signal(signal.SIGINT, before)


def test_keys_are_made_once_and_private(data_dir):
    first = ensure_keys(data_dir)
    assert ensure_keys(data_dir) == first
    assert len(first["SECRET_KEY"]) >= 50
    assert {stat.S_IMODE(path.stat().st_mode) for path in (data_dir / "keys").iterdir()} == {0o600}


def revive_for(parts, seconds, until):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not until():
        parts.revive()
        time.sleep(0.05)
    return until()


def test_a_part_that_died_is_started_again_and_ends_with_the_rest(tmp_path):
    said = []
    with services.Services(tmp_path / "notes", said.append) as parts:
        parts.start("web", ["sleep", "60"], dict(os.environ))
        first = parts.parts["web"].process
        first.kill()
        assert revive_for(parts, 5, lambda: parts.parts["web"].process is not first)
        second = parts.parts["web"].process
    assert second.poll() is not None
    assert "web ended" in said[0]


def test_a_part_that_does_not_stay_up_is_started_again_for_ever_and_later_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.2)
    said = []
    with services.Services(tmp_path / "notes", said.append) as parts:
        parts.start("beat", ["sh", "-c", "echo no database; exit 3"], dict(os.environ))
        assert revive_for(parts, 60, lambda: parts.parts["beat"].backoff.failures > 7)
    assert "beat   │ no database" in said


def test_pauses_grow_to_a_bound_and_a_steady_run_is_forgiven():
    backoff = processes.Backoff()
    pauses = []
    for _ in range(7):
        backoff.tried()
        pauses.append(backoff.failed())
    assert pauses == [1, 2, 4, 8, 10, 10, 10]
    backoff.tried()
    backoff.started -= processes.STEADY + 1
    assert backoff.failed() == 1


def test_a_part_that_hangs_is_replaced(tmp_path):
    with services.Services(tmp_path / "notes", lambda line: None) as parts:
        parts.start("web", ["sleep", "60"], dict(os.environ))
        first = parts.parts["web"].process
        os.kill(first.pid, signal.SIGSTOP)
        parts.replace("web")
        assert revive_for(parts, 5, lambda: parts.parts["web"].process is not first)


BEAT_ONCE = 'touch "$PULSE_FILE"; sleep 60'
BEAT_ON = 'while touch "$PULSE_FILE"; do sleep 0.1; done'


@pytest.mark.parametrize(
    ("line", "beats", "replaced"),
    [
        (BEAT_ONCE, True, True),
        (BEAT_ON, True, False),
        ("sleep 60", True, True),  # it never began
        ("sleep 60", False, False),
    ],
)
def test_a_part_that_should_beat_and_does_not_is_replaced(tmp_path, monkeypatch, line, beats, replaced):
    monkeypatch.setattr(services, "SILENCE", 1.5)
    monkeypatch.setattr(services, "START_SECONDS", 2)
    said = []
    with services.Services(tmp_path / "notes", said.append) as parts:
        parts.start("beat", ["sh", "-c", line], dict(os.environ), beats=beats)
        first = parts.parts["beat"].process
        assert revive_for(parts, 10 if replaced else 3, lambda: parts.parts["beat"].process is not first) is replaced
    assert any("has not moved" in words for words in said) is replaced


def test_a_server_that_cannot_start_for_a_while_is_tried_again(data_dir, monkeypatch):
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.1)
    with Pair(data_dir, durable=False, want_postgres=False) as pair:
        pair.valkey.process.kill()
        pair.valkey.process.wait()
        whole, pair.valkey.start = pair.valkey.start, failing_start
        assert "does not start; trying again" in pair.revive()[0]
        pair.valkey.start = whole
        assert wait_until(lambda: pair.revive() == ["Valkey had ended and was started again"], 5)


def failing_start():
    raise LauncherError("no space left")


def test_a_frozen_valkey_is_replaced(data_dir, monkeypatch):
    monkeypatch.setattr(valkey, "ASK_EVERY", 0.1)
    monkeypatch.setattr(valkey, "SILENCE", 1)
    with Pair(data_dir, durable=False, want_postgres=False) as pair:
        assert pair.revive() == []
        os.kill(pair.valkey.process.pid, signal.SIGSTOP)
        os.kill(server_of(pair.valkey), signal.SIGSTOP)
        assert wait_until(lambda: pair.revive() == ["Valkey had ended and was started again"], 10)
        assert redis.from_url(pair.addresses()["REDIS_URL"]).ping()


def disk_with(monkeypatch, free):
    monkeypatch.setattr(Ballast, "free", free)
    monkeypatch.setattr(ballast, "ASK_EVERY", 0)


def test_a_full_disk_is_given_the_reserve_piece_by_piece_and_gives_it_back(tmp_path, monkeypatch):
    reserve = Ballast(tmp_path / "ballast")
    disk_with(monkeypatch, ballast.PLENTY + 1)
    assert reserve.keep() == ""
    assert reserve.size == ballast.SIZE
    assert reserve.path.stat().st_blocks * 512 >= ballast.SIZE  # really taken from the disk
    disk_with(monkeypatch, ballast.SCARCE - 1)
    left = [(reserve.keep(), reserve.size)[1] for _ in range(ballast.SIZE // ballast.PIECE + 1)]
    assert left[:2] == [ballast.SIZE - ballast.PIECE, ballast.SIZE - 2 * ballast.PIECE]
    assert left[-2:] == [0, 0]
    disk_with(monkeypatch, ballast.PLENTY - 1)  # what was given up is not taken back while space is short
    assert (reserve.keep(), reserve.size) == ("", 0)
    disk_with(monkeypatch, ballast.PLENTY + 1)
    assert (reserve.keep(), reserve.size) == ("", ballast.SIZE)


def test_the_launcher_keeps_a_reserve_where_its_own_database_is(data_dir, monkeypatch):
    disk_with(monkeypatch, ballast.PLENTY + 1)
    with Pair(data_dir, durable=False) as pair:
        assert pair.revive() == []
        assert pair.ballast.size == ballast.SIZE
    with Pair(data_dir.with_name("other"), durable=False, want_postgres=False) as pair:
        assert pair.revive() == []
        assert not pair.ballast.path.exists()


def server_of(server):
    return int((server.data / "valkey.pid").read_text())


def test_a_launcher_waits_for_one_that_is_ending(launched, data_dir):
    first, _, _ = launch_pair(launched, data_dir)
    first.terminate()
    time.sleep(0.3)
    _, urls, _ = launch_pair(launched, data_dir)
    assert urls["REDIS_URL"]
    assert first.wait(20) == 143
