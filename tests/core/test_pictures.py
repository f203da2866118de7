"""Whatever a phone, a scanner or a chat program writes comes out as it looked, or is refused with words that help."""

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms, ImageDraw

from core import pictures
from core.files import WORDS
from core.made import Refused
from core.pictures import paint_anew

RED, TEAL = (200, 30, 30), (0, 128, 128)


def two_colours(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Teal, and red in the upper left quarter: what stands upright shows."""
    image = Image.new("RGB", size, TEAL)
    image.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    return image


def saved(image: Image.Image, kind: str, **options) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def seen(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(paint_anew(raw).content)).convert("RGB")


def alike(one: tuple[int, ...], other: tuple[int, ...], within: int = 14) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def looks_right(raw: bytes, size: tuple[int, int] = (120, 80)) -> bool:
    image = seen(raw)
    width, height = image.size
    corners = [(width // 4, height // 4), (3 * width // 4, height // 4), (width // 4, 3 * height // 4)]
    wanted = [RED, TEAL, TEAL]
    return image.size == size and all(alike(image.getpixel(at), want) for at, want in zip(corners, wanted, strict=True))


PLAIN = two_colours()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def deep_png(colour: int, rows: bytes, size: tuple[int, int]) -> bytes:
    """A PNG with sixteen bits a channel, which Pillow does not write."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 16, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def deep_rgb() -> bytes:
    rows = b"".join(
        b"\0" + b"".join(b"".join(bytes([c, 7]) for c in PLAIN.getpixel((x, y))) for x in range(120)) for y in range(80)
    )
    return deep_png(2, rows, (120, 80))


TAKEN = {
    "JPEG": saved(PLAIN, "JPEG", quality=95),
    "JPEG, progressive": saved(PLAIN, "JPEG", quality=95, progressive=True),
    "JPEG in CMYK, for print": saved(PLAIN.convert("CMYK"), "JPEG", quality=95),
    "two pictures in one JPEG": saved(PLAIN, "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80))]),
    "PNG": saved(PLAIN, "PNG"),
    "PNG with a palette": saved(PLAIN.quantize(8), "PNG"),
    "PNG with sixteen bits": deep_rgb(),
    "GIF that moves": saved(PLAIN, "GIF", save_all=True, append_images=[Image.new("RGB", (120, 80))]),
    "WebP": saved(PLAIN, "WEBP", quality=95),
    "WebP that moves": saved(PLAIN, "WEBP", quality=95, save_all=True, append_images=[Image.new("RGB", (120, 80))]),
    "BMP": saved(PLAIN, "BMP"),
    "TIFF": saved(PLAIN, "TIFF"),
    "TIFF of a scanner": saved(PLAIN, "TIFF", compression="jpeg", quality=95),
    "TIFF, upside down": saved(PLAIN.rotate(180), "TIFF", tiffinfo={274: 3}),
    "TIFF in CMYK": saved(PLAIN.convert("CMYK"), "TIFF"),
    "HEIC": saved(PLAIN, "HEIF", quality=95),
    "AVIF": saved(PLAIN, "AVIF", quality=95),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_it_comes_out_as_it_looked(kind):
    assert looks_right(TAKEN[kind])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(kind, orientation):
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    held = PLAIN.transpose(turn[orientation]) if orientation in turn else PLAIN
    assert looks_right(saved(held, kind, exif=exif, quality=95))


def test_a_phone_s_heic_loses_name_and_place():
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (30.0, 52.0, 0.0)
    exif[ExifTags.Base.Artist] = "Wang Xiaoming"
    raw = saved(PLAIN, "HEIF", quality=95, exif=exif)
    assert b"Wang Xiaoming" in raw
    made = paint_anew(raw)
    assert made.mime == "image/jpeg"
    assert b"Wang" not in made.content
    assert not Image.open(io.BytesIO(made.content)).getexif()


def test_a_heic_that_was_held_upright_stands_upright():
    """The note on turning takes the place of the one on colours, which has room for it."""
    raw = saved(PLAIN.transpose(Image.Transpose.ROTATE_90), "HEIF", quality=95)
    at = raw.index(b"colr") - 4
    turned = raw[:at] + b"\0\0\0\x09irot\x03" + b"\0\0\0\x0afree\0\0" + raw[at + 19 :]
    assert not looks_right(raw)
    assert looks_right(turned)


def test_grey_in_many_steps_is_not_white():
    grey = b"".join(b"\0" + struct.pack(">60H", *([9_000] * 30 + [50_000] * 30)) for _row in range(40))
    image = seen(deep_png(0, grey, (60, 40)))
    assert alike(image.getpixel((10, 10)), (35, 35, 35))
    assert alike(image.getpixel((50, 10)), (195, 195, 195))


def test_glass_stays_glass_and_what_only_could_be_becomes_a_photo():
    clear = PLAIN.convert("RGBA")
    assert paint_anew(saved(clear, "PNG")).mime == "image/jpeg"
    clear.putpixel((0, 0), (0, 0, 0, 0))
    for raw in (saved(clear, "PNG"), saved(clear.quantize(8), "PNG"), saved(clear, "WEBP", lossless=True)):
        made = paint_anew(raw)
        assert made.mime == "image/png"
        assert Image.open(io.BytesIO(made.content)).getpixel((0, 0))[3] == 0
        assert looks_right(raw)


def test_wide_colours_are_brought_to_those_of_every_screen():
    """A profile in which red and blue have changed places: only who reads it sees the picture right."""
    pairs = ((0.15, 0.06), (0.30, 0.60), (0.64, 0.33))  # blue, green, red
    profile = matrix_profile(pairs)
    blue, green, red = PLAIN.split()[::-1]
    swapped = Image.merge("RGB", (blue, green, red))
    assert looks_right(saved(swapped, "PNG", icc_profile=profile))
    assert not looks_right(saved(swapped, "PNG"))


def matrix_profile(primaries) -> bytes:
    """The sRGB profile with its three colours in another order."""
    raw = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", raw[128:132])[0]
    places = {bytes(raw[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    raw[red : red + 4], raw[blue : blue + 4] = raw[blue : blue + 4], raw[red : red + 4]
    return bytes(raw)


def test_a_profile_of_something_else_is_as_good_as_none():
    assert looks_right(saved(PLAIN, "PNG", icc_profile=b"no profile at all" * 20))


# --- sizes ------------------------------------------------------------------------------------------------------------


def chat(width: int, height: int, letter: int) -> bytes:
    """Black and white bars, as thick as the strokes of letters."""
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    for top in range(0, height, 2 * letter):
        draw.rectangle((0, top, width, top + letter - 1), fill=0)
    return saved(image, "PNG")


@pytest.mark.parametrize(("width", "height"), [(1080, 24_000), (1440, 30_000), (24_000, 1080)])
def test_a_long_screenshot_stays_readable(width, height):
    made = paint_anew(chat(width, height, 4))
    assert min(made.width, made.height) >= 1080
    column = Image.open(io.BytesIO(made.content)).convert("L").crop((600, 400, 601, 800)).tobytes()
    assert min(column) < 60
    assert max(column) > 200


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4000, 3000), (2560, 1920)),
        ((4000, 2000), (2560, 1280)),
        ((1280, 9000), (1280, 9000)),
        ((80, 60), (80, 60)),
        ((8192, 6144), (2560, 1920)),  # fifty megapixels: read at half its size
    ],
)
def test_a_photo_is_made_as_small_as_it_stays_good(size, kept):
    made = paint_anew(saved(Image.new("RGB", size, "teal"), "JPEG"))
    assert (made.width, made.height) == kept


# --- refused with words ---------------------------------------------------------------------------------------------


def refusal(raw: bytes) -> str:
    with pytest.raises(Refused) as refused:
        paint_anew(raw)
    assert WORDS[refused.value.reason]
    return refused.value.reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (saved(PLAIN, "TIFF", save_all=True, append_images=[PLAIN]), "sheets"),
        (saved(Image.new("F", (9, 9)), "TIFF"), "odd"),
        (saved(Image.new("1", (20, 66_000)), "PNG"), "strip"),
        (saved(Image.new("1", (9000, 6000)), "PNG"), "pixels"),
        (saved(Image.new("L", (9000, 6000)), "JPEG", progressive=True), "pixels"),
        (saved(Image.new("1", (15_000, 15_000)), "PNG"), "pixels"),
        (TAKEN["JPEG"][:700], "damaged"),
        (TAKEN["HEIC"][:300], "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown"),
        (b"PK\x03\x04" + b"\0" * 60, "document"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 60, "video"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_with_its_reason(raw, reason):
    assert refusal(raw) == reason


@pytest.mark.parametrize("kind", TAKEN)
def test_what_is_taken_is_what_the_form_offers(kind):
    mime = Image.open(io.BytesIO(TAKEN[kind])).get_format_mimetype()
    assert mime.replace("mpo", "jpeg") in pictures.ACCEPTED.split(",")
