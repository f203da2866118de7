"""How to run PostgreSQL, which refuses root, when we are root: two ways, the first that works."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .processes import LauncherError, bound_command


@dataclass(frozen=True)
class Way:
    """One way to run a command: as we are, in a user namespace, or as a user who may pass closed folders."""

    namespace: bool = False
    uid: int | None = None

    def command(self, command: Sequence[str], death_signal: str = "SIGKILL") -> list[str]:
        """Return the command as this way runs it, ending with the launcher."""
        if self.uid is not None:
            command = [*self._setpriv(death_signal), *command]
        return bound_command(command, death_signal=death_signal, namespace=self.namespace)

    def _setpriv(self, death_signal: str) -> list[str]:
        # The capability lets it pass a closed home above the wheels or the data: nothing there changes mode.
        caps = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        user = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups"]
        return ["setpriv", *user, *caps, f"--pdeathsig={death_signal.removeprefix('SIG')}", "--"]

    def own(self, folder: Path) -> None:
        """Give the folder's content to the user that this way runs as, where it belongs to somebody else."""
        owner = os.geteuid() if self.uid is None else self.uid
        if os.geteuid() != 0 or folder.stat().st_uid == owner:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)

    def works(self, program: Path, folder: Path) -> bool:
        """Say whether this way can run the program and write to the folder."""
        test = ["sh", "-c", '"$1" --version && test -w "$2" && test -x "$2"', "sh", str(program), str(folder)]
        try:
            return subprocess.run(self.command(test), capture_output=True, timeout=20).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


def unprivileged_uid() -> int:
    """Return the user id of `nobody`, or the customary one where the machine has no such name."""
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return 65534


def choose_way(program: Path, folder: Path) -> Way:
    """Return the first way to run `program` on `folder` that works.

    Raises: LauncherError when we are root and the machine allows neither way.
    """
    if os.geteuid() != 0:
        return Way()
    ways = [Way(namespace=True)]
    if shutil.which("setpriv"):
        ways.append(Way(uid=unprivileged_uid()))
    for way in ways:
        if way.works(program, folder):
            return way
    raise LauncherError(
        "PostgreSQL refuses to run as root, and this machine allows neither a user namespace nor another "
        "user. Start as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )
