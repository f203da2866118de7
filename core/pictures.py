"""Photos, scans and screenshots, painted anew as JPEG or PNG: upright, in the colours of every screen, readable.

A picture leaves here as pixels that this process encoded: no EXIF, no place, no comment, nothing appended. Of what
moves the first frame stays.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from core.made import Made, Refused

MOST_PIXELS = 50_000_000
MOST_DRAFTED = 120_000_000  # of a JPEG that can be read at half or a quarter of its size
LONG_SIDE, SHORT_SIDE = 2560, 1280  # a picture is made smaller until one of them fits, so a long screenshot stays wide
LONGEST_STRIP = 65_000  # a JPEG holds no more
BY_HEADER = ("JPEG", "PNG", "GIF", "BMP", "TIFF")  # opened without a decoder
FORMATS = (*BY_HEADER, "WEBP", "HEIF", "AVIF")
ACCEPTED = (
    "image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,image/heic,image/heif,image/avif,"
    ".jpg,.jpeg,.png,.webp,.gif,.bmp,.tif,.tiff,.heic,.heif,.avif"
)
DOCUMENTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what Office has written since 2007, and before
STILLS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")  # what a photo in a film's wrapping says of itself
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # grey in 65,536 steps
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

pillow_heif.register_heif_opener(thumbnails=False)


class TooMuchHere(Exception):
    """It is fit to be painted, but takes more pixels than this painter was given."""


def judge(raw: bytes) -> int | None:
    """How many pixels are read to paint it; None where only a decoder can read the header. Raises: Refused."""
    with _opened(raw, BY_HEADER) as image:
        if image is None:
            return None
        _judge(image)
        return _effort(image)


def paint_anew(raw: bytes, most: int = MOST_PIXELS) -> Made:
    """The picture, where no more than ``most`` pixels are read for it. Raises: Refused, TooMuchHere."""
    with _opened(raw, FORMATS) as image:
        if image is None:
            raise Refused(_what_else(raw))
        _judge(image)
        if _effort(image) > most:
            raise TooMuchHere
        return _painted(image)


@contextmanager
def _opened(raw: bytes, formats: Sequence[str]) -> Iterator[Image.Image | None]:
    """The picture; None for what is none of these. What breaks while it is read is a damaged one. Raises: Refused."""
    try:
        with Image.open(BytesIO(raw), formats=list(formats)) as image:
            yield image
    except UnidentifiedImageError:
        yield None
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError):  # what Pillow raises for a torn file
        raise Refused("damaged") from None


def _what_else(raw: bytes) -> str:
    if raw.startswith(DOCUMENTS):
        return "document"
    if raw[4:8] == b"ftyp" and raw[8:12] in STILLS:
        return "damaged"
    return "video" if raw[4:8] in (b"ftyp", b"moov", b"mdat") else "unknown"


def _scale(width: int, height: int) -> float:
    """By how much it is made smaller: 1 where it fits already."""
    return min(1.0, max(LONG_SIDE / max(width, height), SHORT_SIDE / min(width, height)))


def _judge(image: Image.Image) -> None:
    """Before a pixel is read. Raises: Refused."""
    if image.format == "TIFF" and getattr(image, "n_frames", 1) > 1:
        raise Refused("sheets")
    if image.width * image.height > (MOST_DRAFTED if _can_draft(image) else MOST_PIXELS):
        raise Refused("pixels")
    if max(image.size) * _scale(*image.size) > LONGEST_STRIP:
        raise Refused("strip")


def _can_draft(image: Image.Image) -> bool:
    """Whether it can be read at a half, a quarter or an eighth of its size; the steps of a progressive one add up."""
    return image.format in ("JPEG", "MPO") and not image.info.get("progressive")


def _effort(image: Image.Image) -> int:
    """How many pixels are read: of a JPEG those of the half, quarter or eighth that is still large enough."""
    if not _can_draft(image):
        return image.width * image.height
    step = next((step for step in (8, 4, 2) if step * _scale(*image.size) <= 1), 1)
    return image.width * image.height // step**2


def _painted(image: Image.Image) -> Made:
    width, height = (max(1, round(side * _scale(*image.size))) for side in image.size)
    if _can_draft(image):
        image.draft(image.mode, (width, height))
    plain = _plain(image)
    if plain.size != (width, height):
        plain = plain.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _encoded(ImageOps.exif_transpose(_in_srgb(plain)))


def _plain(image: Image.Image) -> Image.Image:
    """In eight bits a colour: grey, RGB, RGBA or CMYK. Raises: Refused."""
    if image.mode in DEEP:
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    if image.mode in ("1", "P", "YCbCr", "RGBX"):
        return image.convert("RGB")
    raise Refused("odd")


def _in_srgb(image: Image.Image) -> Image.Image:
    """In the colours that a picture without a profile is shown in."""
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            seen = ImageCms.profileToProfile(image, source, SRGB, outputMode=target)
        except (ImageCms.PyCMSError, OSError):  # a profile of something else is as good as none, as on every screen
            seen = None
        if seen is not None:
            return seen
    return image.convert(target)


def _encoded(image: Image.Image) -> Made:
    if (
        image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 255
    ):  # it could be clear and is not, as most screenshots
        image = image.convert("RGB")
    fresh = Image.new(image.mode, image.size)
    fresh.paste(image)
    written = BytesIO()
    if fresh.mode == "RGBA":
        fresh.save(written, "PNG")
        return Made(written.getvalue(), "png", "image/png", *fresh.size)
    fresh.save(written, "JPEG", quality=85, optimize=True)
    return Made(written.getvalue(), "jpg", "image/jpeg", *fresh.size)
