"""Paper: a Typst template under ``templates/pdf/`` and data make a PDF with its own Chinese fonts.

The data reaches the template as JSON, so what a person wrote is text there and never markup. Words for the reader are
part of the data, translated by the caller; a template holds the layout alone. ``docs/decisions/pdf.md`` says why Typst.
"""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import segno
import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pylopdf_fonts_zh_cn import sans_path

FOLDER = settings.BASE_DIR / "templates" / "pdf"


def render(template: str, data: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF that ``templates/pdf/<template>.typ`` makes of ``data``; with ``at`` the same bytes every time.

    Raises: typst.TypstError when the template asks for data that is not there.
    """
    made = _compiler(template, data).compile(format="pdf", timestamp=int(at.timestamp()) if at else None)
    return _one(made)


def render_png(template: str, data: Mapping[str, Any], *, ppi: int = 96) -> list[bytes]:
    """The pages as pictures, to look at them."""
    made = _compiler(template, data).compile(format="png", ppi=ppi)
    return made if isinstance(made, list) else [_one(made)]


def qr(text: str) -> str:
    """A QR code as SVG text, for ``image(bytes(…))`` in a template."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()


def _compiler(template: str, data: Mapping[str, Any]) -> typst.Compiler:
    """A compiler of its own for each document: it cannot be shared between threads, the fonts can."""
    content = json.dumps({"house": _house(), **data}, cls=DjangoJSONEncoder, ensure_ascii=False)
    return typst.Compiler(
        FOLDER / f"{template}.typ",
        root=FOLDER,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": content},
    )


def _house() -> dict[str, Any]:
    """What every sheet says of where it comes from."""
    return {
        "brand": _("Police e-Plaza"),
        "demo": _("DEMO") if getattr(settings, "DEMO", False) else "",
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
    }


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folder = str(sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _one(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise TypeError("one document was expected")
    return made
