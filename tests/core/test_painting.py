"""Pictures are painted in a bounded place: little memory, few seconds, few at a time."""

import io
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import painting, pictures
from core.errors import Unavailable
from core.files import clean_upload
from core.made import Refused
from tests.papers import paper


def png(width, height, mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, (width, height), 120).save(buffer, "PNG")
    return buffer.getvalue()


def in_the_bounds(code):
    command = [sys.executable, "-c", f"from core import painting; painting._bound(); {code}"]
    return subprocess.run(command, cwd=painting.ROOT, capture_output=True, text=True)


def test_a_picture_at_the_limit_fits_into_the_bounds():
    assert painting.make_anew(png(7000, 7000, "LA")).width == pictures.LONG_SIDE


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("bytearray(64 * 1024**2)", 0),
        (f"bytearray({painting.MEMORY})", 1),
        ("open('/tmp/painting-test', 'wb').write(b'x' * 100_000)", -25),  # SIGXFSZ, or an error by itself
    ],
)
def test_memory_and_disk_of_the_place_are_bounded(code, ends):
    done = in_the_bounds(code)
    assert (done.returncode == 0) is (ends == 0), done.stderr


def test_what_meets_a_limit_is_refused(monkeypatch):
    monkeypatch.setattr(painting, "SECONDS", 0.01)
    with pytest.raises(Refused, match="pixels"):
        painting.make_anew(png(10, 10))


def test_a_paper_is_written_in_the_same_place(monkeypatch):
    assert painting.make_anew(paper()).suffix == "pdf"
    monkeypatch.setattr(painting, "SECONDS", 0.01)
    with pytest.raises(Refused, match="heavy-paper"):
        painting.make_anew(paper())


def test_too_many_pixels_are_refused_by_the_header_alone(monkeypatch):
    monkeypatch.setattr(painting, "_make_elsewhere", lambda raw: pytest.fail("it was decoded"))
    with pytest.raises(Refused, match="pixels"):
        painting.make_anew(png(10_000, 5_001))


def test_when_others_wait_already_the_picture_may_be_sent_again_later():
    places = painting.AT_ONCE + painting.MOST_WAITING
    for _ in range(places):
        assert painting._room.acquire(blocking=False)
    try:
        with pytest.raises(Unavailable):
            clean_upload(SimpleUploadedFile("a.png", png(10, 10)))
    finally:
        for _ in range(places):
            painting._room.release()
    assert clean_upload(SimpleUploadedFile("a.png", png(10, 10))).width == 10
