"""What the real web server serves in ``test_addresses``: each address may try a few times; says what was understood."""

import os

import django
from django.core.handlers.wsgi import WSGIRequest

from config.front import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from core import ratelimit  # noqa: E402 - needs the settings
from core.errors import TooMany  # noqa: E402

TRIES = 15


def tries(environ, start_response):
    """422 for each try, as a wrong code has it, and 429 when there were too many from this address."""
    request = WSGIRequest(environ)
    try:
        ratelimit.hit(request, group="wrong", limit=TRIES, seconds=600)
        status = "422 wrong"
    except TooMany:
        status = "429 too many"
    words = f"{ratelimit.address_of(request)} {request.scheme} {environ.get('HTTP_HOST')}".encode()
    start_response(status, [("Content-Length", str(len(words)))])
    return [words]


application = Front(tries, threads=2)
