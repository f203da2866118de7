"""The front hands whole requests to threads: what is slow, half or too large never gets one."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import front
from config.front import Front


def scope(method="POST", path=b"/track/", headers=(), query=b""):
    return {
        "type": "http", "method": method, "path": "/track/", "raw_path": path, "query_string": query,
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 8000), "client": ("203.0.113.7", 4000),
        "headers": list(headers),
    }  # fmt: skip


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


def run(coroutine):
    """Its result, from a thread of its own: a browser that other tests opened leaves its loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def ask(app, request, pieces, pause=0.0):
    """(status, headers, body) of a request whose body comes in ``pieces``, the last of them None when it never ends."""
    waiting, sent = list(pieces), []

    async def receive():
        await asyncio.sleep(pause)
        piece = waiting.pop(0)
        if piece is None:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    await app(request, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def test_a_body_in_pieces_arrives_whole():
    status, _, body = run(ask(Front(echo, 1), scope(), [b"gruss ", b"aus ", b"huzhou"], 0.01))
    assert (status, body) == (200, b"POST gruss aus huzhou")


@pytest.mark.parametrize("pieces", [[None], [b"first", None], [b"a", b"b", b"c", None]])
def test_a_body_that_never_comes_is_answered_and_holds_no_thread(monkeypatch, pieces):
    monkeypatch.setattr(front, "FIRST_SECONDS", 2)
    app = Front(echo, 1)

    async def both():
        slow = [asyncio.create_task(ask(app, scope(), pieces)) for _ in range(400)]
        await asyncio.sleep(0.05)
        quick = await ask(app, scope("GET"), [b""])
        return quick, any(task.done() for task in slow), await asyncio.gather(*slow)

    quick, had_to_wait, slow = run(both())
    assert quick[0] == 200
    assert not had_to_wait
    assert {answer[0] for answer in slow} == {408}
    assert slow[0][1][b"connection"] == b"close"


def test_a_slow_body_that_keeps_coming_is_waited_for(monkeypatch):
    monkeypatch.setattr(front, "FIRST_SECONDS", 0.2)
    piece = b"x" * front.LEAST_BYTES_A_SECOND
    assert run(ask(Front(echo, 1), scope(), [piece] * 6, 0.1))[0] == 200


def test_a_drop_now_and_then_is_not_enough(monkeypatch):
    monkeypatch.setattr(front, "FIRST_SECONDS", 0.2)
    assert run(ask(Front(echo, 1), scope(), [b"x"] * 600, 0.02))[0] == 408


def test_what_is_announced_too_large_is_left_unread_and_django_says_so():
    lengths = []

    def look(environ, start_response):
        lengths.append((environ["CONTENT_LENGTH"], environ["wsgi.input"].read()))
        return echo(environ, start_response)

    announced = str(front.LARGEST_BODY + 1).encode()
    run(ask(Front(look, 1), scope(headers=[(b"content-length", announced)]), [None]))
    assert lengths == [(announced.decode(), b"")]


def test_an_endless_body_is_refused(monkeypatch):
    monkeypatch.setattr(front, "LARGEST_BODY", 1000)
    assert run(ask(Front(echo, 1), scope(), [b"x" * 600, b"x" * 600]))[0] == 413


def test_large_bodies_share_a_room_and_small_ones_need_none(monkeypatch):
    monkeypatch.setattr(front, "SECONDS_FOR_ROOM", 0.3)
    app = Front(echo, 1, room=front.SMALL * 3)
    large = b"x" * (front.SMALL * 2)

    async def three():
        holding = asyncio.create_task(ask(app, scope(), [large, None]))
        await asyncio.sleep(0.05)
        return await ask(app, scope(), [large, b""]), await ask(app, scope(), [b"small"]), holding.cancel()

    refused, small, _ = run(three())
    assert refused[0] == 503
    assert small[0] == 200


def test_room_is_given_back():
    app = Front(echo, 1, room=front.SMALL * 3)
    large = b"x" * (front.SMALL * 2)
    assert [run(ask(app, scope(), [large]))[0] for _ in range(5)] == [200] * 5
    assert app._held == 0


def test_a_slow_reader_holds_no_thread():
    free = threading.Event()

    def large(environ, start_response):
        start_response("200 OK", [])
        yield from [b"x" * 100_000] * 30
        free.set()

    async def read_slowly():
        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            await asyncio.sleep(0.1)

        await asyncio.wait_for(Front(large, 1)(scope("GET"), receive, send), 0.5)

    with pytest.raises(TimeoutError):
        run(read_slowly())
    assert free.is_set()


def test_only_so_many_wait_for_a_thread(monkeypatch):
    monkeypatch.setattr(front, "MOST_WAITING", 3)

    def slow(environ, start_response):
        time.sleep(0.2)
        return echo(environ, start_response)

    async def crowd():
        app = Front(slow, 1)
        return await asyncio.gather(*(ask(app, scope("GET"), [b""]) for _ in range(5)))

    assert sorted(answer[0] for answer in run(crowd())) == [200, 200, 200, 503, 503]


def test_names_with_an_underscore_do_not_pass_for_those_of_a_proxy():
    names = [(b"x-forwarded-for", b"198.51.100.1"), (b"x_forwarded_for", b"10.0.0.1"), (b"x_forwarded-proto", b"https")]
    found = front.environ(scope(headers=names), b"")
    assert found["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"
    assert "HTTP_X_FORWARDED_PROTO" not in found


@pytest.mark.parametrize("name", sorted(front.ONCE))
def test_what_may_stand_once_is_refused_when_it_stands_twice(name):
    asked = []

    def note(environ, start_response):
        asked.append(environ)
        return echo(environ, start_response)

    once, twice = [(name, b"1")], [(name, b"1"), (name, b"1")]
    assert run(ask(Front(note, 1), scope("GET", headers=twice), [b""]))[0] == 400
    assert asked == []
    assert run(ask(Front(note, 1), scope("GET", headers=once), [b""]))[0] == 200


def test_paths_and_queries_are_as_wsgi_has_them():
    found = front.environ(scope(path=b"/t/%E7%81%AF%2F%ff", query="q=灯".encode()), b"")
    assert found["PATH_INFO"].encode("latin-1") == "/t/灯/".encode() + b"\xff"
    assert found["QUERY_STRING"].encode("latin-1").decode() == "q=灯"
    assert found["REMOTE_ADDR"] == "203.0.113.7"


def test_cookies_in_two_headers_are_one():
    found = front.environ(scope(headers=[(b"cookie", b"a=1"), (b"cookie", b"b=2")]), b"")
    assert found["HTTP_COOKIE"] == "a=1; b=2"
