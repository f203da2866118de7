"""Run the pair by itself in the foreground: `python -m config.embedded --data-dir var`, until a signal."""

import argparse
import signal
import sys
from pathlib import Path

from .pair import Pair
from .processes import LauncherError


def main() -> None:
    """Start the pair, print its two addresses as shell assignments, and wait for a signal."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded")
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    parser.add_argument(
        "--postgres-port", type=int, default=0, help="also listen on 127.0.0.1 (0: socket only)"
    )
    parser.add_argument("--valkey-port", type=int, default=0)
    parser.add_argument("--fast", action="store_true", help="no fsync: for tests")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ports = {"postgres_port": options.postgres_port, "valkey_port": options.valkey_port}
    try:
        with Pair(options.data_dir, durable=not options.fast, **ports) as pair:
            sys.stdout.write(f"DATABASE_URL={pair.database_url}\nREDIS_URL={pair.redis_url}\n")
            sys.stdout.flush()
            signal.pause()
    except LauncherError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
