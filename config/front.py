"""The front of the web server: reads a request whole, with a deadline, before a thread is given to it.

It speaks ASGI to the server and WSGI to Django. Bodies wait in memory, so a full disk does not matter here; together
they get a bounded room. Header names with an underscore are dropped, because WSGI could not tell them from those that
our own proxy sets.
"""

import asyncio
import contextlib
import io
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

log = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
FIRST_SECONDS = 20  # for a body to begin to flow
LEAST_BYTES_A_SECOND = 4096  # afterwards; a photo of 10 MB may take 40 minutes on a poor line
LARGEST_BODY = 66 * MEGABYTE  # a batch of interviews; Django says sooner, and in words, what is too much
SMALL = 256 * 1024  # bytes of a body that need no share of the room
ROOM = 256 * MEGABYTE  # for the larger bodies of one process
SECONDS_FOR_ROOM = 20
MOST_WAITING = 200  # requests for a free thread
PIECE = 64 * 1024
IN_MEMORY = 2 * MEGABYTE  # of an answer; more goes to a temporary file
ONCE = frozenset({b"host", b"x-forwarded-proto", b"content-type", b"content-length", b"authorization"})
PULSE_SECONDS = 1
THREADS_STUCK_SECONDS = 150  # longer than any statement of the database may take, and a retry

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class Refused(Exception):
    """The request is not handed on; ``status`` and ``words`` say why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Gone(Exception):
    """The client went away."""


@dataclass
class Answer:
    """What Django said, ready to be sent at whatever pace the client reads."""

    status: int
    headers: Headers
    body: IO[bytes]


@dataclass
class Front:
    """The ASGI application around a WSGI one; ``threads`` of Django's in this process."""

    wsgi: Callable[..., Iterable[bytes]]
    threads: int
    room: int = ROOM
    _pool: ThreadPoolExecutor = field(init=False)
    _waiting: int = 0
    _held: int = 0

    def __post_init__(self) -> None:
        """Make the threads."""
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or keep the pulse while the server runs."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            with contextlib.suppress(Gone):
                await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        pulse = asyncio.create_task(self._beat())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        pulse.cancel()
        self._pool.shutdown(wait=False)
        await send({"type": "lifespan.shutdown.complete"})

    async def _beat(self) -> None:
        """Touch this process's file while the loop turns and the threads take work: who watches kills it when not."""
        file = pulse_file(os.getpid())
        loop = asyncio.get_running_loop()
        taken = time.monotonic()
        probe: asyncio.Future[None] | None = None
        while file is not None:
            if probe is None:
                probe = loop.run_in_executor(self._pool, _nothing)
            if probe.done():
                probe, taken = None, time.monotonic()
            if time.monotonic() - taken < THREADS_STUCK_SECONDS:
                with contextlib.suppress(OSError):  # a full disk is no reason to be killed: the old file is touched
                    file.touch()
            await asyncio.sleep(PULSE_SECONDS)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Share(self)
        try:
            _refuse_two_of_one(scope["headers"])
            body = await self._read(scope, receive, held)
            answer = await self._hand_over(scope, body)
        except Refused as refused:
            answer = _plain(refused)
        finally:
            held.give_back()
        with answer.body:
            await _send(answer, send)

    async def _read(self, scope: Scope, receive: Receive, held: "_Share") -> bytes | None:
        """The whole body; None when it is announced as larger than anything we take, and is left unread.

        Raises: Refused for one that comes too slowly or is too large; Gone.
        """
        announced = _announced(scope["headers"])
        if announced is not None and announced > LARGEST_BODY:
            return None
        pieces, size, began = [], 0, time.monotonic()
        while True:
            patience = began + FIRST_SECONDS + size / LEAST_BYTES_A_SECOND - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(patience, 0))
            except TimeoutError:
                raise Refused(408, "The request came too slowly.") from None
            if message["type"] == "http.disconnect":
                raise Gone
            piece = message.get("body", b"")
            size += len(piece)
            if size > LARGEST_BODY:
                raise Refused(413, "The request is too large.")
            await held.grow(size)
            pieces.append(piece)
            if not message.get("more_body"):
                return b"".join(pieces)

    async def _hand_over(self, scope: Scope, body: bytes | None) -> Answer:
        if self._waiting >= MOST_WAITING:
            raise Refused(503, "Too many requests at once. Please try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, environ(scope, body))
        finally:
            self._waiting -= 1

    def _run(self, environment: dict[str, Any]) -> Answer:
        """In a thread: let Django answer, and take all of the answer at once."""
        told: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            told[:] = [int(status.split(" ", 1)[0]), headers]

        body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it is sent
        chunks = self.wsgi(environment, start_response)
        try:
            for chunk in chunks:
                body.write(chunk)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        body.seek(0)
        status, headers = told
        return Answer(status, [(name.lower().encode(), value.encode("latin-1")) for name, value in headers], body)


@dataclass
class _Share:
    """How much of the front's room one body takes."""

    front: Front
    bytes: int = 0

    async def grow(self, size: int) -> None:
        """Take what a body of this size needs. Raises: Refused when the others leave no room for long."""
        wanted = (size if size > SMALL else 0) - self.bytes
        until = time.monotonic() + SECONDS_FOR_ROOM
        while wanted > 0 and self.front._held + wanted > self.front.room:
            if time.monotonic() > until:
                raise Refused(503, "Too many large requests at once. Please try again in a few minutes.")
            await asyncio.sleep(0.1)
        self.front._held += max(wanted, 0)
        self.bytes += max(wanted, 0)

    def give_back(self) -> None:
        """The body is read by Django, or given up."""
        self.front._held -= self.bytes
        self.bytes = 0


def _nothing() -> None:
    """What a free thread does at once."""


def _refuse_two_of_one(headers: Headers) -> None:
    """Two lines of what may stand once would be read one way by a proxy and the other way here. Raises: Refused."""
    names = [name for name, _ in headers if name in ONCE]
    if len(names) != len(set(names)):
        raise Refused(400, "A header that may stand only once stands twice.")


def _announced(headers: Headers) -> int | None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def environ(scope: Scope, body: bytes | None) -> dict[str, Any]:
    """The request as WSGI has it; ``body`` None leaves the announced length, with nothing to read."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    path = scope.get("raw_path") or scope["path"].encode()
    found = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.split(b"?", 1)[0]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        words = value.decode("latin-1")
        found[key] = f"{found[key]}{joint}{words}" if key in found else words
    if body is not None:
        found["CONTENT_LENGTH"] = str(len(body)) if body or "CONTENT_LENGTH" in found else ""
    return found


def _plain(refused: Refused) -> Answer:
    words = refused.words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode())]
    headers += [(b"connection", b"close"), (b"retry-after", b"30")]
    return Answer(refused.status, headers, io.BytesIO(words))


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    piece = answer.body.read(PIECE)
    while following := answer.body.read(PIECE) if piece else b"":
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        piece = following
    await send({"type": "http.response.body", "body": piece})


def pulse_file(pid: int) -> Path | None:
    """The file that a living web process touches every second; None where nobody watches."""
    folder = os.environ.get("WEB_PULSES")
    return Path(folder) / str(pid) if folder else None
