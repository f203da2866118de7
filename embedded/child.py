"""Replace this process by a command that ends when its launcher ends: `child.py OPTIONS -- COMMAND…`.

It stands alone (no package import, run with `python -I -S`) because it runs once for every process we start.
"""

import argparse
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
INNER_UID = 1000


def become_ordinary_user() -> None:
    """Enter a user namespace where our own user appears as an ordinary one, which is all PostgreSQL asks.

    Files keep their owner and mode outside, so neither the data nor the folders above it are touched.
    Raises: OSError where the kernel or a sandbox refuses.
    """
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{INNER_UID} {uid} 1"),
        ("gid_map", f"{INNER_UID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def die_with(parent: int, signum: int) -> None:
    """Ask Linux for this signal when the parent is gone; elsewhere the next start clears up orphans."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent:  # it went before we asked
        sys.exit(1)


def main() -> None:
    """Apply the options and exec the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", default="SIGTERM")
    parser.add_argument("--namespace", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    for signum in (signal.SIGINT, signal.SIGQUIT):  # a shell's background job inherits these as ignored
        signal.signal(signum, signal.SIG_DFL)
    if options.namespace:
        become_ordinary_user()
    die_with(options.parent, signal.Signals[options.signal])
    os.execvp(options.command[0], options.command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
