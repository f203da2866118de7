"""How often something may be tried: counted exactly, under keys that name nobody, and nothing passes uncounted."""

import threading

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings as django_settings
from django.core.cache import cache

from core import ratelimit
from core.errors import TooMany

AWAY = {**django_settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}


def tries(who, n, *, group="g", limit=3, seconds=60) -> list[bool]:
    """Which of ``n`` tries were let through."""
    passed = []
    for _n in range(n):
        try:
            ratelimit.hit(who, group=group, limit=limit, seconds=seconds)
        except TooMany:
            passed.append(False)
        else:
            passed.append(True)
    return passed


def test_the_try_after_the_last_is_refused_and_says_how_long_to_wait():
    assert tries("a", 5) == [True, True, True, False, False]
    with pytest.raises(TooMany) as refused:
        ratelimit.hit("a", group="g", limit=3, seconds=60)
    assert refused.value.retry_after == 60


def test_others_and_other_things_are_counted_apart():
    tries("a", 3)
    assert tries("b", 1) == [True]
    assert tries("a", 1, group="h") == [True]


def test_the_count_ends_with_its_time():
    tries("a", 4, seconds=600)
    (key,) = keys()
    client = cache._cache.get_client(None, write=True)
    assert 490 <= client.ttl(key) <= 600
    client.delete(key)
    assert tries("a", 1) == [True]


def keys() -> list[bytes]:
    client = cache._cache.get_client(None, write=True)
    return list(client.scan_iter(f"{django_settings.CACHES['default']['KEY_PREFIX']}:*limit:*"))


def test_a_hundred_at_once_are_counted_to_the_last():
    passed, lock = [], threading.Lock()

    def hurry() -> None:
        found = tries("crowd", 10, limit=17)
        with lock:
            passed.extend(found)

    threads = [threading.Thread(target=hurry) for _n in range(10)]
    [thread.start() for thread in threads]
    [thread.join(300) for thread in threads]
    assert sum(passed) == 17


def test_when_redis_is_away_each_process_counts_for_itself(settings):
    settings.CACHES = {"default": AWAY}
    assert tries("away", 5, limit=3) == [True, True, True, False, False]


def test_a_key_that_expires_between_two_looks_starts_anew(monkeypatch):
    tries("a", 1)

    def expired(key: str, much: int) -> int:
        cache.delete(key)
        raise ValueError

    monkeypatch.setattr(cache, "incr", expired)
    assert tries("a", 1) == [True]
    assert len(keys()) == 1


# --- whose tries they are ---------------------------------------------------------------------------------------------


def test_keys_name_no_address(rf):
    ratelimit.hit(rf.get("/", REMOTE_ADDR="203.0.113.7"), group="g", limit=1, seconds=60)
    ratelimit.hit("19900007788", group="g", limit=1, seconds=60)
    assert len(keys()) == 2
    assert not any(b"203.0.113" in key or b"7788" in key for key in keys())


def test_without_proxies_a_forged_header_is_not_read(rf, settings):
    settings.TRUSTED_PROXIES = 0
    plain = rf.get("/", REMOTE_ADDR="203.0.113.7")
    forged = rf.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert ratelimit.client_of(plain) == ratelimit.client_of(forged)


@pytest.mark.parametrize(
    ("trusted", "header", "address"),
    [
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        (2, "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "198.51.100.1, anything", "10.0.0.1"),
        (1, "198.51.100.1,", "10.0.0.1"),
        (2, "198.51.100.1,, 10.0.0.2", "10.0.0.1"),
        (0, "198.51.100.1", "10.0.0.1"),
    ],
)
def test_behind_our_proxies_the_outermost_of_them_says_who(rf, settings, trusted, header, address):
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    settings_free = rf.get("/", REMOTE_ADDR=address)
    told = ratelimit.client_of(request)
    settings.TRUSTED_PROXIES = 0
    assert told == ratelimit.client_of(settings_free)


def test_one_network_of_ipv6_is_one_place(rf, settings):
    settings.TRUSTED_PROXIES = 0
    seen = [ratelimit.client_of(rf.get("/", REMOTE_ADDR=a)) for a in ("2001:db8::1", "2001:db8::ffff", "2001:db8:1::1")]
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize("trusted", [0, 1, 2])
@pytest.mark.parametrize("header", ["", "198.51.100.1", "x", "10.9.9.9, 198.51.100.1"])
def test_allauth_reads_the_same_address(rf, settings, trusted, header):
    settings.TRUSTED_PROXIES = trusted
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    assert get_adapter().get_client_ip(request) == ratelimit.address_of(request)
