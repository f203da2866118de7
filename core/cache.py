"""Redis while it answers; this process' own memory while it does not.

What lies in the cache makes things sooner or counts tries; nothing in it may be needed. When Redis is gone, frozen or
full, the first who notices waits for half a second, and for the next seconds nobody asks it: figures are computed anew,
and tries are counted by each process for itself, which lets a little more through and shuts nobody out.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
PATIENCE = 0.4  # seconds for one answer
PAUSE = 5.0  # seconds until Redis is asked again
MOST_ENTRIES = 20_000  # in memory


@dataclass
class Breaker:
    """Whether Redis is worth asking; after a failure one caller in ``PAUSE`` seconds finds out."""

    retry_at: float = 0.0

    def may_try(self) -> bool:
        """Say whether to ask Redis; who may after a pause is the only one."""
        if not self.retry_at:
            return True
        if time.monotonic() < self.retry_at:
            return False
        self.retry_at = time.monotonic() + PAUSE
        return True

    def worked(self) -> None:
        """Redis answered."""
        if self.retry_at:
            log.warning("redis answers again")
        self.retry_at = 0.0

    def failed(self, error: Exception) -> None:
        """Redis did not answer, or refused to write."""
        if not self.retry_at:
            log.warning("redis away, doing without: %s", type(error).__name__)
        self.retry_at = time.monotonic() + PAUSE


_breakers: dict[str, Breaker] = defaultdict(Breaker)  # by address: each thread has a cache object of its own


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, whose methods never fail because of Redis."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        patience = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            # a connection that a restart of Redis cut is opened anew; one that times out is not waited for again
            "retry": Retry(NoBackoff(), 1, supported_errors=(Unreachable,)),
        }
        params = {**params, "OPTIONS": {**patience, **params.get("OPTIONS", {})}}
        super().__init__(server, params)
        self._breaker = _breakers[str(server)]
        memory = {**params, "OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES}}
        self._memory = LocMemCache(f"instead of {server}", memory)

    def _either(self, name: str, *args: Any, **options: Any) -> Any:
        return self._asked(
            lambda: getattr(RedisCache, name)(self, *args, **options),
            lambda: getattr(self._memory, name)(*args, **options),
        )

    def _asked(self, redis: Callable[[], Any], memory: Callable[[], Any]) -> Any:
        if self._breaker.may_try():
            try:
                answer = redis()
            except (RedisError, OSError) as error:
                self._breaker.failed(error)
            else:
                self._breaker.worked()
                return answer
        return memory()

    def add_until(self, key: str, value: Any, moment: float) -> bool:
        """Add, to be forgotten at ``moment`` (since 1970), to the millisecond: what is left then tells no beginning."""

        def add() -> bool:
            client: Any = self._cache
            name, content = self.make_and_validate_key(key), client._serializer.dumps(value)
            left = max(round((moment - time.time()) * 1000), 1)
            return bool(client.get_client(name, write=True).set(name, content, px=left, nx=True))

        return bool(self._asked(add, lambda: self._memory.add(key, value, moment - time.time())))

    def away(self) -> bool:
        """Say whether Redis does not answer, at the cost of ``PATIENCE`` once in ``PAUSE`` seconds."""
        if not self._breaker.may_try():
            return True
        try:
            self._cache.get_client(None, write=True).ping()
        except (RedisError, OSError) as error:
            self._breaker.failed(error)
            return True
        self._breaker.worked()
        return False

    def require(self) -> None:
        """Write into Redis itself. Raises: RedisError, OSError."""
        RedisCache.set(self, "health", "1", 10)


def _forgiving(name: str) -> Callable[..., Any]:
    def method(self: ForgivingRedisCache, *args: Any, **options: Any) -> Any:
        return self._either(name, *args, **options)

    return method


for _name in (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
):
    setattr(ForgivingRedisCache, _name, _forgiving(_name))
