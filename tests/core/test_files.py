"""What citizens attach is judged by its content and painted anew."""

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import ExifTags, Image

from core.errors import Invalid
from core.files import LARGEST, WORDS, clean_upload, clean_uploads
from core.made import Refused
from tests.papers import paper

SCRIPT = b"<script>alert(1)</script>"


def picture(kind: str = "JPEG", size: tuple[int, int] = (80, 60), **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind, **options)
    return buffer.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (30.0, 52.0, 0.0)
    exif[ExifTags.Base.Artist] = "Wang Xiaoming"
    exif[ExifTags.Base.Orientation] = 6
    return picture(exif=exif)


def upload(raw: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than anybody should decode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "0" * 1_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_photos_are_kept_as_jpeg(kind):
    kept = clean_upload(upload(picture(kind), "whatever.exe"))
    assert (kept.mime, kept.width, kept.height) == ("image/jpeg", 80, 60)
    assert "whatever" not in kept.content.name


def test_place_name_and_everything_appended_are_gone_and_the_picture_stands_upright():
    raw = with_place() + SCRIPT
    assert b"Wang Xiaoming" in raw
    kept = clean_upload(upload(raw))
    fresh = kept.content.read()
    assert b"Wang Xiaoming" not in fresh
    assert SCRIPT not in fresh
    assert not Image.open(io.BytesIO(fresh)).getexif()
    assert (kept.width, kept.height) == (60, 80)


def test_a_large_photo_is_made_smaller():
    kept = clean_upload(upload(picture(size=(4000, 2000))))
    assert (kept.width, kept.height) == (2560, 1280)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (SCRIPT, "html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "svg"),
        (zipped(), "zip"),
        (b"MZ" + b"\0" * 200, "exe"),
        (picture()[:200], "torn"),
        (bomb(60_000, 60_000), "pixel bomb"),
        (bomb(10_000, 6_000), "sixty megapixels"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "heic"),
        (b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>\n%%EOF", "pdf with an action"),
        (b"%PDF-1.7\n1 0 obj<</J#61vaScript (x)>>\n%%EOF", "pdf with a hidden script"),
        (b"%PDF-1.7\n1 0 obj<<>>", "torn pdf"),
    ],
)
def test_what_is_not_a_sound_photo_or_paper_is_refused_by_the_field(raw, why):
    with pytest.raises(Invalid) as refused:
        clean_upload(upload(raw))
    assert list(refused.value.fields) == ["attachments"], why


def test_a_plain_pdf_is_kept_with_its_pages():
    kept = clean_upload(upload(paper(pages=2)))
    assert kept.mime == "application/pdf"
    assert len(pikepdf.open(io.BytesIO(kept.content.read())).pages) == 2


@pytest.mark.parametrize("reason", WORDS)
def test_every_refusal_has_words(reason, monkeypatch):
    def refuse(raw, **_):
        raise Refused(reason)

    monkeypatch.setattr("core.painting.make_anew", refuse)
    with translation.override("zh-hans"), pytest.raises(Invalid) as refused:
        clean_upload(upload(b"x"))
    assert str(refused.value.message).endswith("。")


def test_too_large_and_too_many_are_refused():
    with pytest.raises(Invalid):
        clean_upload(upload(b"\xff" * (LARGEST + 1)))
    with pytest.raises(Invalid):
        clean_uploads([upload(picture())] * 7)
