"""The whole portal in one foreground program: the embedded pair, web, worker and scheduler.

`script/server` runs this after installing the packages. For an operator's own machine see deploy/.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from types import FrameType

from config.services import Services
from embedded import LauncherError, Pair, ensure_keys
from embedded.processes import bound_command, wait_until

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SILENCE = 90.0  # seconds without an answer until the whole web server is replaced; its processes have a watch already
START_SECONDS = 600.0  # until the first answer
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked us to stop; not an error."""


def say(text: str) -> None:
    """Write a line to the terminal at once; where that is a file on a full disk, the line is lost and nothing else."""
    with suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def own_pair(data_dir: Path) -> Pair:
    """Return the pair, without the half that the environment already names a server for."""
    given = os.environ.get
    return Pair(data_dir, want_postgres=not given("DATABASE_URL"), want_valkey=not given("REDIS_URL"))


def environment(pair: Pair) -> dict[str, str]:
    """Return what every part of the portal runs with: what the user set, completed for development."""
    # Celery warns of root because of a message format that we do not accept.
    defaults = {
        "DEMO": "1",
        "PYTHONWARNINGS": "ignore:You're running the worker",
        **ensure_keys(pair.data_dir),
    }
    fixed = {"DATA_DIR": str(pair.data_dir), "DATABASE_AS_OWNER": "0"}
    return {**defaults, **os.environ, **fixed, **pair.addresses()}


def without_the_owner(env: dict[str, str]) -> dict[str, str]:
    """What web, worker and scheduler are given: they do not know how the owner of the database signs in."""
    return {name: value for name, value in env.items() if name != "DATABASE_OWNER_URL"}


def manage(env: dict[str, str], *arguments: str, capture: bool = False) -> str:
    """Run a management command; return its output when captured.

    Raises: LauncherError when it fails.
    """
    command = bound_command([sys.executable, str(ROOT / "manage.py"), *arguments], death_signal="SIGTERM")
    done = subprocess.run(
        command, env=env | {"DATABASE_AS_OWNER": "1"}, cwd=ROOT, text=True, stdout=subprocess.PIPE if capture else None
    )
    if done.returncode != 0:
        raise LauncherError(f"manage.py {arguments[0]} failed; see above")
    return done.stdout or ""


def static_fingerprint() -> str:
    """Return a digest that changes when static files or packages do."""
    folders = [ROOT / "static", *(app.parent / "static" for app in ROOT.glob("*/apps.py"))]
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    stats = [f"{path} {path.stat().st_mtime_ns}" for path in files]
    return sha256("\n".join([(ROOT / "requirements.lock").read_text(), *stats]).encode()).hexdigest()


def once(stamp: Path, value: str, work: Callable[[], object]) -> None:
    """Do the work unless the stamp file says it was done for this value."""
    if not stamp.exists() or stamp.read_text() != value:
        work()
        stamp.write_text(value)


def compile_messages() -> None:
    """Bring the words up to date, so that no page speaks yesterday's. Raises: LauncherError."""
    command = [sys.executable, str(ROOT / "script" / "messages"), "compile"]
    if subprocess.run(bound_command(command, death_signal="SIGTERM"), cwd=ROOT).returncode != 0:
        raise LauncherError("the translations could not be compiled; see above")


def prepare(env: dict[str, str], data_dir: Path) -> None:
    """Compile the words, migrate, collect static files, and load the demo city into an empty database."""
    compile_messages()
    say("▸ Bringing the database up to date")
    manage(env, "migrate", "--verbosity", "0", "--no-input")

    def collect() -> None:
        say("▸ Collecting static files")
        manage(env, "collectstatic", "--no-input", "--clear", "--verbosity", "0")

    once(data_dir / "static.stamp", static_fingerprint(), collect)
    if is_demo(env):
        load_demo(env, data_dir)


def is_demo(env: dict[str, str]) -> bool:
    """Say whether this copy shows the demo city."""
    return env["DEMO"].lower() in {"1", "true", "yes", "on"}


def load_demo(env: dict[str, str], data_dir: Path) -> None:
    """Fill the database with the demo city the first time and keep the list of its accounts."""
    accounts = data_dir / "demo.json"

    def load() -> None:
        say("▸ Loading the demo city (once, about a minute)")
        accounts.write_text(manage(env, "demo", "--json", capture=True))

    database = env.get("DATABASE_OWNER_URL") or env["DATABASE_URL"]
    once(data_dir / "demo.stamp", sha256(database.encode()).hexdigest(), load)


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Return the command line of each part."""
    celery = "celery --quiet --app config.celery:app"
    lines = {
        "web": f"python -m config.web --host {host} --port {port} --grace 3",
        "worker": f"{celery} worker --loglevel WARNING --concurrency 2 --without-gossip --without-mingle",
        "beat": f"{celery} beat --loglevel WARNING --pidfile=",
    }
    return {name: [str(BIN / line.split()[0]), *line.split()[1:]] for name, line in lines.items()}


def require_free(host: str, port: int) -> None:
    """Raise LauncherError when somebody else keeps the port; one that is just ending gets ten seconds."""

    def free() -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
            return True

    if not wait_until(free, 10, step=0.3):
        raise LauncherError(f"port {port} is taken; free it, or choose another: PORT=8001 script/server")


def answers(url: str) -> bool:
    """Say whether the web server answers at all."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own address
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Health:
    """Asks the health address from a thread of its own, and knows how long no answer has come."""

    def __init__(self, url: str) -> None:
        self.answered = False
        self._url, self._last = url, time.monotonic()
        threading.Thread(target=self._ask, daemon=True).start()

    @property
    def silence(self) -> float:
        """Seconds since the last answer."""
        return time.monotonic() - self._last

    def forgive(self) -> None:
        """Count anew: what was silent is being replaced."""
        self.answered, self._last = False, time.monotonic()

    def _ask(self) -> None:
        while True:
            if answers(self._url):
                self.answered, self._last = True, time.monotonic()
            time.sleep(0.2 if not self.answered else 3)


def welcome(url: str, data_dir: Path, env: dict[str, str], seconds: float) -> None:
    """Print the address and, in the demo, who can sign in."""
    say(f"\n  警务e广场 is ready: {url}/    ({seconds:.0f} s; Ctrl-C stops it)\n")
    accounts = data_dir / "demo.json"
    if accounts.exists() and is_demo(env):
        for line in account_lines(json.loads(accounts.read_text())):
            say(line)


def account_lines(demo: dict[str, object]) -> list[str]:
    """Return the demo accounts as a table."""
    keys = ("role", "login", "password", "phone")
    rows = [[str(account.get(key) or "") for key in keys] for account in demo.get("accounts", [])]  # type: ignore[attr-defined]
    if not rows:
        return []
    return [f"  {role:<18} {login:<18} {password:<22} {phone}" for role, login, password, phone in [list(keys), *rows]]


def supervise(pair: Pair, services: Services, url: str, began: float, env: dict[str, str]) -> None:
    """Watch everything until a signal comes; say when the first page can be had."""
    ready, health = False, Health(f"{url}/healthz/live")
    while True:
        if not ready and health.answered:
            ready = True
            welcome(url, pair.data_dir, env, time.monotonic() - began)
        for line in pair.revive():
            say(f"▸ {line}")
        services.revive()
        if health.silence > (SILENCE if health.answered else START_SECONDS):
            say(f"▸ web has not answered for {health.silence:.0f} s; it is replaced")
            services.replace("web")
            health.forgive()
        time.sleep(0.2)


def stop_on(signum: int, frame: FrameType | None) -> None:
    """Turn the first signal into an orderly stop that further ones do not disturb."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def serve() -> None:
    """Start everything in order and stop it in reverse.

    Raises: LauncherError for what a person has to put right.
    """
    began = time.monotonic()
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var")
    say(f"▸ Starting the database (data in {data_dir})")
    with ExitStack() as stack:
        pair = stack.enter_context(own_pair(data_dir))
        services = stack.enter_context(Services(pair.data_dir / "children", say))
        stack.callback(pair.announce_end)  # first of all when a signal comes
        env = environment(pair)
        require_free(host, port)
        prepare(env, pair.data_dir)
        say("▸ Starting web, worker and scheduler")
        for name, command in commands(host, port).items():
            services.start(name, command, without_the_owner(env), beats=name != "web")  # web has a watch of its own
        shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - a comparison
        supervise(pair, services, f"http://{shown}:{port}", began, env)


def main() -> int:
    """Serve until a signal; return the exit code."""
    for signum in SIGNALS:
        if signal.getsignal(signum) != signal.SIG_IGN or signum != signal.SIGHUP:  # nohup keeps its meaning
            signal.signal(signum, stop_on)
    try:
        serve()
    except LauncherError as error:
        say(f"error: {error}")
        return 1
    except Stopped:
        say("▸ Stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
