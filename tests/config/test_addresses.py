"""Behind a trusted proxy nobody chooses their address: raw sockets against the real web server.

The test is the proxy: whatever a client sent stands in the request, and its own ``X-Forwarded-For`` as Caddy sets it.
"""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.processes import wait_until
from tests.config.counting import TRIES

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
from granian.constants import HTTPModes, Interfaces
from granian.server import Server
Server("tests.config.counting:application", port={port}, interface=Interfaces.ASGI, workers=1, blocking_threads=1,
       websockets=False, http=HTTPModes.http1).serve()
"""
# the words of the finding: names that WSGI cannot tell from the proxy's, and three more behind them
FORGED = "X_Forwarded_For: 10.0.0.{n}\r\nX_Forwarded_Proto: https\r\nZz1: a\r\nZz2: b\r\nZz3: c\r\n"
BEHIND, DIRECT = "1", "0"


def start(proxies):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "TRUSTED_PROXIES": proxies, "HTTPS_ONLY": "0"}
    process = subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)], cwd=ROOT, env=environment)
    return process, port


@pytest.fixture(scope="module", params=[BEHIND, DIRECT])
def place(request):
    """(port, trusted proxies) of the real web server."""
    process, port = start(request.param)
    try:
        assert wait_until(lambda: _listens(port), 300)
        yield port, request.param
    finally:
        process.terminate()
        process.wait(30)


def _listens(port):
    try:
        return bool(say(port, "X-Forwarded-For: 192.0.2.99\r\n"))
    except OSError:
        return False


def say(port, headers, host="Host: plaza.example\r\n"):
    """(status, what the portal understood) of one request."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(
            f"POST /track/ HTTP/1.1\r\n{host}{headers}Content-Length: 1\r\nConnection: close\r\n\r\nx".encode()
        )
        answer = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    return int(re.match(r"HTTP/1.1 (\d+)", answer)[1]), answer.split("\r\n\r\n", 1)[1]


def test_sixty_wrong_codes_under_sixty_names_are_counted_as_one_client(place):
    port, proxies = place
    real = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: http\r\n"
    answers = [say(port, FORGED.format(n=n) + real) for n in range(30)]
    answers += [say(port, real + FORGED.format(n=n)) for n in range(30)]
    left = TRIES if proxies == BEHIND else TRIES - 1  # without a proxy the test's first request was this client's too
    assert [status for status, _ in answers] == [422] * left + [429] * (60 - left)
    address = "198.51.100.7" if proxies == BEHIND else "127.0.0.1"
    assert {words for _, words in answers} == {f"{address} http plaza.example"}


def test_whom_they_named_is_not_shut_out(place):
    port, proxies = place
    if proxies == DIRECT:
        pytest.skip("without a proxy everybody here is 127.0.0.1")
    for _ in range(TRIES + 5):
        say(port, "X-Forwarded-For: 198.51.100.8\r\nX_Forwarded_For: 203.0.113.50\r\nZz1: a\r\n")
    assert say(port, "X-Forwarded-For: 198.51.100.8\r\n")[0] == 429
    assert say(port, "X-Forwarded-For: 203.0.113.50\r\n")[0] == 422


@pytest.mark.parametrize(
    "headers",
    ["Forwarded: for=10.1.1.1;proto=https\r\n", "X-Real-IP: 10.1.1.1\r\n", "X-Forwarded-Host: evil.example\r\n",
     "X-Forwarded_Proto: https\r\n", "X-Client-IP: 10.1.1.1\r\n", "X-Forwarded-Ssl: on\r\n"],
)  # fmt: skip
def test_no_other_header_says_anything(place, headers):
    port, proxies = place
    _, words = say(port, f"X-Forwarded-For: 198.51.100.9\r\n{headers}")
    assert words == f"{'198.51.100.9' if proxies == BEHIND else '127.0.0.1'} http plaza.example"


def test_the_scheme_is_read_from_a_trusted_proxy_alone_and_stands_once(place):
    port, proxies = place
    https = "X-Forwarded-For: 198.51.100.10\r\nX-Forwarded-Proto: https\r\n"
    assert say(port, https)[1].split()[1] == ("https" if proxies == BEHIND else "http")
    assert say(port, https + "X-Forwarded-Proto: http\r\n")[0] == 400


def test_two_hosts_are_refused(place):
    port, _ = place
    two = "Host: plaza.example\r\nHost: evil.example\r\n"
    assert say(port, "X-Forwarded-For: 198.51.100.11\r\n", host=two)[0] == 400
