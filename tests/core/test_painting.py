"""Pictures are painted in a bounded place: little memory, few seconds, few at a time, and fairly."""

import io
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import files, painting, pictures
from core.errors import TooMany, Unavailable
from core.files import clean_upload, clean_uploads
from core.made import Refused
from core.uploads import InMemory
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
    monkeypatch.setattr(painting, "_make_elsewhere", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(Refused, match="pixels"):
        painting.make_anew(png(10_000, 5_001))


# --- nobody holds up the others ---------------------------------------------------------------------------------------


def sent(raw, sender):
    upload = SimpleUploadedFile("a.png", raw)
    upload.sender = sender
    return upload


def eventually(check, seconds=60):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def small_lanes(monkeypatch):
    """What is large is a hundredth of what it is, and the lanes are nobody's but this test's."""
    monkeypatch.setattr(painting, "QUICK_PIXELS", 160_000)
    monkeypatch.setattr(painting, "QUICK", painting.Lane(waiting=2))
    monkeypatch.setattr(painting, "SLOW", painting.Lane(waiting=1, one_each=True))


@pytest.fixture
def form_of_large_ones(small_lanes):
    """Six large pictures in one form of one address, being painted in processes of their own."""
    done = []

    def send():
        done.append(clean_uploads([sent(png(700, 700), "one address") for _ in range(6)]))

    thread = threading.Thread(target=send)
    thread.start()
    eventually(lambda: painting.SLOW._line)
    yield done
    thread.join(120)
    assert len(done[0]) == 6


def test_six_large_pictures_of_one_address_hold_up_no_photo_of_another(form_of_large_ones):
    assert clean_upload(sent(png(300, 400), "another")).width == 300
    assert not form_of_large_ones


def test_large_ones_of_two_addresses_take_turns(form_of_large_ones):
    assert clean_upload(sent(png(700, 600), "another")).width == 700
    assert not form_of_large_ones  # its next picture waited for this one, not this one for all of them


def test_an_address_has_one_large_picture_at_a_time(form_of_large_ones):
    eventually(lambda: painting.SLOW._line)
    with painting.QUICK.turn("one address"), pytest.raises(Unavailable):
        while not form_of_large_ones:
            clean_upload(sent(png(700, 700), "one address"))


def test_in_one_lane_for_all_the_photo_would_have_to_wait(form_of_large_ones, monkeypatch):
    monkeypatch.setattr(painting, "QUICK", painting.SLOW)
    with ExitStack() as others, pytest.raises(Unavailable):
        eventually(lambda: painting.SLOW._line)
        others.enter_context(painting.SLOW.turn("a second"))
        clean_upload(sent(png(300, 400), "a third"))


def test_who_came_first_is_next():
    lane, came = painting.Lane(waiting=2), []

    def take(name):
        with lane.turn(name):
            came.append(name)

    threads = []
    with lane.turn("first"):
        for n, name in enumerate(("second", "third")):
            threads.append(threading.Thread(target=take, args=(name,)))
            threads[-1].start()
            eventually(lambda n=n: len(lane._line) == n + 2)
        with pytest.raises(painting.Busy), lane.turn("one too many"):
            pass
    [thread.join(10) for thread in threads]
    assert came == ["second", "third"]


def test_what_only_a_decoder_opens_finds_out_in_the_quick_lane_that_it_is_slow(small_lanes):
    buffer = io.BytesIO()
    Image.new("RGB", (700, 700)).save(buffer, "WEBP")
    spent = []
    assert painting.make_anew(buffer.getvalue(), sender="a", spend=spent.append).width == 700
    assert spent == [painting.QUICK_PIXELS, pictures.MOST_PIXELS]


def test_a_photo_counts_what_is_read_of_it():
    buffer = io.BytesIO()
    Image.new("RGB", (8160, 6120)).save(buffer, "JPEG")
    assert pictures.judge(buffer.getvalue()) == 8160 * 6120 // 4
    assert pictures.judge(png(500, 400)) == 200_000


def test_pixels_of_an_address_are_counted_by_the_minute(monkeypatch):
    monkeypatch.setattr(files, "PIXELS_A_MINUTE", 1000)
    assert clean_upload(sent(png(30, 30), "a village")).width == 30
    with pytest.raises(TooMany):
        clean_upload(sent(png(30, 30), "a village"))
    assert clean_upload(sent(png(30, 30), "another")).width == 30


def test_a_file_remembers_the_address_it_came_from(rf):
    def came_from(address):
        request = rf.post("/", {"file": SimpleUploadedFile("a.png", png(10, 10))}, REMOTE_ADDR=address)
        assert isinstance(request.upload_handlers[0], InMemory)
        return request.FILES["file"].sender

    assert came_from("203.0.113.7") == came_from("203.0.113.7") != came_from("203.0.113.8")
    assert "203.0.113.7" not in came_from("203.0.113.7")
