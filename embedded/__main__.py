"""Run the pair in the foreground, by itself or around one command; see `python -m embedded --help`."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .keys import ensure_keys
from .pair import Pair
from .processes import LauncherError, bound_command, stop


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(prog="python -m embedded")
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    parser.add_argument("--throwaway", action="store_true", help="a fresh data folder, removed at the end")
    parser.add_argument("--fast", action="store_true", help="no fsync: for tests")
    parser.add_argument("--postgres-port", type=int, default=0, help="also listen on 127.0.0.1 (0: socket only)")
    parser.add_argument("--valkey-port", type=int, default=0)
    parser.add_argument("--run", nargs=argparse.REMAINDER, default=[], help="a command, given both addresses")
    return parser.parse_args()


def pair_for(options: argparse.Namespace) -> Pair:
    """Return the pair, without the half that the environment already names a server for."""
    return Pair(
        options.data_dir,
        durable=not (options.fast or options.throwaway),
        postgres_port=options.postgres_port,
        valkey_port=options.valkey_port,
        want_postgres=not (options.run and os.environ.get("DATABASE_URL")),
        want_valkey=not (options.run and os.environ.get("REDIS_URL")),
    )


def run(command: list[str], pair: Pair) -> int:
    """Run a command with the pair's addresses and keys in its environment; return its exit code."""
    keys = {"DEMO": "1", "DATABASE_AS_OWNER": "1", "DATA_DIR": str(pair.data_dir), **ensure_keys(pair.data_dir)}
    environment = {**keys, **os.environ, **pair.addresses()}
    child = subprocess.Popen(bound_command(command, death_signal="SIGTERM"), env=environment)
    try:
        return child.wait()
    finally:
        stop(child, signal.SIGTERM, 10)


def show(pair: Pair) -> int:
    """Print the addresses as shell assignments and wait for a signal."""
    sys.stdout.writelines(f"{name}={value}\n" for name, value in pair.addresses().items())
    sys.stdout.flush()
    signal.pause()
    return 0


def main() -> int:
    """Start the pair, do what was asked, stop it again."""
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        if options.throwaway:
            options.data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plaza-test-")))
        pair = stack.enter_context(pair_for(options))
        return run(options.run, pair) if options.run else show(pair)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except LauncherError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
