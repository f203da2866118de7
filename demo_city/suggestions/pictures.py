"""Small painted pictures for the demo: nobody and no real place is in them."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (800, 600)
HORIZON = 380
Colour = tuple[int, int, int]


def street(rng: Random, category: str) -> bytes:
    """A street with houses and a car as PNG; at night where it is about lamps."""
    night = category == "lighting"
    picture = Image.new("RGB", SIZE, (28, 34, 52) if night else (206, 222, 232))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HORIZON, *SIZE), fill=(52, 54, 58) if night else (138, 138, 134))
    for left in range(0, SIZE[0], 160):
        _house(draw, rng, left, rng.randint(60, 90) if night else rng.randint(160, 210))
    for left in range(40, SIZE[0], 180):
        draw.rectangle((left, 484, left + 90, 492), fill=(225, 225, 220))
    _car(draw, rng.randint(80, 560), (rng.randint(60, 220), rng.randint(60, 160), rng.randint(60, 160)))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _house(draw: ImageDraw.ImageDraw, rng: Random, left: int, shade: int) -> None:
    top = rng.randint(120, 240)
    draw.rectangle((left + 6, top, left + 150, HORIZON), fill=(shade, shade, shade - 12))
    for row in range(top + 18, HORIZON - 30, 44):
        for column in range(left + 22, left + 130, 36):
            lit = (232, 206, 120) if rng.random() < 0.3 else (shade - 40, shade - 36, shade - 30)
            draw.rectangle((column, row, column + 18, row + 24), fill=lit)


def _car(draw: ImageDraw.ImageDraw, left: int, colour: Colour) -> None:
    draw.rounded_rectangle((left, 430, left + 150, 488), 16, fill=colour)
    for wheel in (left + 22, left + 106):
        draw.ellipse((wheel, 472, wheel + 30, 502), fill=(24, 24, 24))
