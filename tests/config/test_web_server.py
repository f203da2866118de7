"""The real web server: slow clients shut nobody out, and a process that dies or hangs is replaced."""

import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.serve import answers
from embedded.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
HALF = b"POST /track/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"


@pytest.fixture(scope="module")
def web():
    """(address, process) of a web server of two processes; it needs no database for the page that is asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "config.web", "--port", str(port), "--workers", "2", "--grace", "1"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "WEB_THREADS": "2"})
    url = f"http://127.0.0.1:{port}/healthz/live"
    try:
        assert wait_until(lambda: answers(url), 400)
        yield url, process
    finally:
        process.terminate()
        process.wait(30)


def workers(process):
    return {child.pid for child in psutil.Process(process.pid).children() if child.status() != psutil.STATUS_ZOMBIE}


def ninety_fifth(url, times=40):
    """Seconds within which 95 of 100 pages come."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        assert answers(url)
        taken.append(time.monotonic() - began)
    return statistics.quantiles(taken, n=20)[-1]


@contextlib.contextmanager
def half_requests(url, number):
    host, port = re.search(r"//([\d.]+):(\d+)", url).groups()
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            line = stack.enter_context(socket.create_connection((host, int(port))))
            line.sendall(HALF)
        yield


def test_forty_half_requests_stop_nobody(web):
    url, _ = web
    before = ninety_fifth(url)
    with half_requests(url, 40):
        time.sleep(0.5)
        assert ninety_fifth(url) <= max(2 * before, 0.1)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_hangs_is_replaced(web, signum):
    url, process = web
    assert wait_until(lambda: len(workers(process)) == 2, 300)
    victim = min(workers(process))
    os.kill(victim, signum)
    assert wait_until(lambda: victim not in workers(process) and len(workers(process)) == 2, 300)
    assert wait_until(lambda: answers(url), 300)
