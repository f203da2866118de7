"""The drill: what was backed up comes back to the last row and byte, over nothing that is there already."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from backup import BackupError, Database, bring_back, bring_back_to, tools
from backup import make as make_backup
from backup.make import counts
from core import audit
from core.files import clean_uploads
from embedded.postgres import SOCKET_PORT, USER, Postgres
from tests import factories, papers

ROOT = django_settings.BASE_DIR
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def ours() -> Database:
    """The database that this test runs on."""
    found = connection.settings_dict
    return Database(*(str(found.get(key) or "") for key in ("NAME", "HOST", "PORT", "USER", "PASSWORD")))


@pytest.fixture
def empty(ours) -> Iterator[Database]:
    """A fresh database beside it."""
    name = f"{ours.name}_drill"
    administer(ours, f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield Database(name, ours.host, ours.port, ours.user, ours.password)
    administer(ours, f'DROP DATABASE "{name}" WITH (FORCE)')


def administer(database: Database, sql: str) -> None:
    place = {"dbname": database.name, "host": database.host, "port": database.port, "user": database.user}
    place["password"] = database.password
    with closing(psycopg2.connect(**{key: value for key, value in place.items() if value})) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(sql)


@pytest.fixture
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def world(media):
    """A city that was listened to, with a paper of somebody's."""
    city = factories.city()
    paper = SimpleUploadedFile("paper.pdf", papers.paper())
    factories.say(city, files=clean_uploads([paper]), contact_name="李秀英", contact_phone="19900007788")
    factories.case(city, "closed")
    audit.seal()
    return city


def manage(database: Database, media: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A management command as an operator runs it."""
    server = f"{quote(database.user)}@{database.host if not database.host.startswith('/') else ''}"
    port = f":{database.port}" if database.port and not database.host.startswith("/") else ""
    place = f"/{quote(database.host, safe='')}" if database.host.startswith("/") else ""
    url = f"postgres://{server}{port}{place}/{database.name}"
    env = os.environ | {
        "DATABASE_URL": url,
        "DATABASE_OWNER_URL": "",
        "MEDIA_ROOT": str(media),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env | environment, capture_output=True, text=True, timeout=120)


# --- the drill --------------------------------------------------------------------------------------------------------


def test_the_whole_drill_by_command(world, ours, empty, media, tmp_path):
    kept, new_media = tmp_path / "kept", tmp_path / "new"
    made = manage(ours, media, "backup", str(kept))
    assert made.returncode == 0, made.stderr
    assert "WAL_ARCHIVE" in made.stdout
    restored = manage(empty, new_media, "restore", str(kept))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "0 violations" in restored.stdout
    assert counts(empty) == counts(ours)
    (old,), (new,) = (sorted(path for path in place.rglob("*.pdf")) for place in (media, new_media))
    assert new.read_bytes() == old.read_bytes()


def test_what_came_back_is_guarded_and_goes_on_counting(world, ours, empty, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    bring_back(tmp_path / "kept", empty, tmp_path / "new")
    with pytest.raises(psycopg2.Error, match="Cannot delete"):
        administer(empty, "DELETE FROM suggestions_suggestion")
    with pytest.raises(psycopg2.Error, match="cannot move"):
        administer(empty, "UPDATE suggestions_suggestion SET state = 'merged' WHERE state = 'closed'")
    highest = "SELECT max(id) FROM suggestions_suggestion"
    assert empty.ask("SELECT nextval(pg_get_serial_sequence('suggestions_suggestion', 'id'))") > empty.ask(highest)


def test_the_keys_and_nobodys_name_are_in_it(world, ours, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    assert not [path for path in (tmp_path / "kept").rglob("*") if "key" in path.name]
    everything = b"".join(path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    assert "李秀英".encode() not in everything
    assert {oct(path.stat().st_mode)[-3:] for path in (tmp_path / "kept").rglob("*.dump")} == {"600"}


# --- one moment -------------------------------------------------------------------------------------------------------


@pytest.fixture
def somebody_speaks_meanwhile(world, monkeypatch):
    """A voice is written down between the counting and the dump."""
    usual = tools.run

    def run(database: Database, command: list[str]) -> None:
        if command[0].endswith("pg_dump"):
            speaker = threading.Thread(target=lambda: (factories.say(world), connection.close()))
            speaker.start()
            speaker.join(300)
        usual(database, command)

    monkeypatch.setattr(tools, "run", run)


@pytest.mark.usefixtures("somebody_speaks_meanwhile")
def test_a_backup_is_of_one_moment_while_people_go_on_speaking(ours, empty, media, tmp_path):
    before = counts(ours)["suggestions_suggestion"]
    make_backup(ours, media, tmp_path / "kept")
    bring_back(tmp_path / "kept", empty, tmp_path / "new")
    assert counts(ours)["suggestions_suggestion"] == before + 1
    assert counts(empty)["suggestions_suggestion"] == before


@pytest.mark.usefixtures("somebody_speaks_meanwhile")
def test_without_the_snapshot_dump_and_manifest_would_disagree(ours, empty, media, tmp_path, monkeypatch):
    speaking = tools.run
    without = lambda command: [part for part in command if not part.startswith("--snapshot")]  # noqa: E731
    monkeypatch.setattr(tools, "run", lambda database, command: speaking(database, without(command)))
    make_backup(ours, media, tmp_path / "kept")
    with pytest.raises(BackupError, match="suggestions_suggestion: 3 rows, not 2"):
        bring_back(tmp_path / "kept", empty, tmp_path / "new")


# --- over nothing, and from nothing damaged ---------------------------------------------------------------------------


def test_a_database_with_anything_in_it_stays_as_it_is(world, ours, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    before = counts(ours)
    with pytest.raises(BackupError, match="not empty"):
        bring_back(tmp_path / "kept", ours, tmp_path / "new")
    refused = manage(ours, tmp_path / "new", "restore", str(tmp_path / "kept"))
    assert (refused.returncode, "not empty" in refused.stderr) == (1, True)
    assert counts(ours) == before
    assert not (tmp_path / "new").exists()


def test_another_file_in_the_way_stays_too(world, ours, empty, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    (file,) = media.rglob("*.pdf")
    file.write_bytes(b"another")
    with pytest.raises(BackupError, match="another file"):
        bring_back(tmp_path / "kept", empty, media)
    assert empty.is_empty


@pytest.mark.parametrize("what", ["database.dump", "media"])
def test_a_damaged_backup_is_refused_before_anything_is_written(world, ours, empty, media, tmp_path, what):
    kept = tmp_path / "kept"
    make_backup(ours, media, kept)
    file = kept / what if what.endswith("dump") else next(kept.rglob("*.pdf"))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    with pytest.raises(BackupError, match="damaged"):
        bring_back(kept, empty, tmp_path / "new")
    file.unlink()
    with pytest.raises(BackupError, match="damaged"):
        bring_back(kept, empty, tmp_path / "new")
    assert empty.is_empty


def test_a_backup_that_broke_off_is_none(world, ours, empty, media, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.copytree", _full_disk)
    with pytest.raises(OSError, match="full"):
        make_backup(ours, media, tmp_path / "kept")
    with pytest.raises(BackupError, match="no complete backup"):
        bring_back(tmp_path / "kept", empty, tmp_path / "new")


def _full_disk(*args: object, **options: object) -> None:
    raise OSError("disk full")


def test_a_manifest_of_another_kind_is_refused(ours, empty, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    path = tmp_path / "kept" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 9}))
    with pytest.raises(BackupError, match="format 9"):
        bring_back(tmp_path / "kept", empty, tmp_path / "new")
    path.write_text("{")
    with pytest.raises(BackupError, match="cannot be read"):
        bring_back(tmp_path / "kept", empty, tmp_path / "new")


def test_each_backup_has_a_folder_of_its_own(ours, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    with pytest.raises(BackupError, match="not empty"):
        make_backup(ours, media, tmp_path / "kept")


def test_a_database_that_is_away_is_said_plainly(media, tmp_path):
    with pytest.raises(BackupError, match="does not answer"):
        make_backup(Database("nowhere", str(tmp_path)), media, tmp_path / "kept")


# --- any moment -------------------------------------------------------------------------------------------------------


def test_without_an_archive_no_moment_can_be_chosen_and_that_is_said(ours, empty, media, tmp_path):
    make_backup(ours, media, tmp_path / "kept")
    refused = manage(
        empty, tmp_path / "new", "restore", str(tmp_path / "kept"), "--to", "2026-11-24 09:30", WAL_ARCHIVE=""
    )
    assert refused.returncode == 1
    assert "WAL_ARCHIVE is empty" in refused.stderr
    with pytest.raises(BackupError, match="without a WAL archive"):
        bring_back_to(timezone.now(), tmp_path / "kept", empty, media, archive=tmp_path)
    assert empty.is_empty


@pytest.fixture
def archived(tmp_path) -> Iterator[Postgres]:
    """A server that keeps its log."""
    (tmp_path / "run").mkdir(mode=0o700)
    server = Postgres(tmp_path / "pg", tmp_path / "run", tmp_path / "pg.log", archive=tmp_path / "wal")
    server.start()
    server.create_database("portal")
    server.create_database("new")
    yield server
    server.stop()


def test_any_moment_after_a_backup_comes_back(archived, media, tmp_path):
    portal, new = (Database(name, str(archived.sockets), str(SOCKET_PORT), USER) for name in ("portal", "new"))
    administer(portal, "CREATE TABLE voice (words text); INSERT INTO voice VALUES ('before')")
    kept = tmp_path / "kept"
    made = make_backup(portal, media, kept, with_base=True)
    administer(portal, "INSERT INTO voice VALUES ('said in time')")
    moment = _after(portal)
    administer(portal, "INSERT INTO voice VALUES ('too late')")
    _archive_all(archived, portal)

    with pytest.raises(BackupError, match="after that moment"):
        early = datetime.fromisoformat(made.made_at) - timedelta(seconds=5)
        bring_back_to(early, kept, new, media, archive=archived.archive)
    with pytest.raises(BackupError, match="does not lead to that moment"):
        bring_back_to(moment + timedelta(days=1), kept, new, media, archive=archived.archive)
    assert new.is_empty
    bring_back_to(moment, kept, new, media, archive=archived.archive)
    assert new.ask("SELECT string_agg(words, ',' ORDER BY words) FROM voice") == "before,said in time"
    assert portal.ask("SELECT count(*) FROM voice") == 3


def _after(database: Database) -> datetime:
    """A moment by the server's clock, with nothing committed around it."""
    time.sleep(0.5)
    moment = database.ask("SELECT clock_timestamp()")
    time.sleep(0.5)
    return moment


def _archive_all(server: Postgres, database: Database) -> None:
    segment = database.ask("SELECT pg_walfile_name(pg_switch_wal())")
    until = time.monotonic() + 20
    while not (server.archive / segment).exists():
        assert time.monotonic() < until, "the log was not archived"
        time.sleep(0.1)
