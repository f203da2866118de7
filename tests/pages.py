"""How tests read a page: as a browser does, to whom the line breaks between the tags of a template say nothing."""

import re
from typing import Any

LINE_BREAK = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")
INDENT = re.compile(r"(?:[ \t]*\n[ \t]{2,})+")


def page_of(response: Any) -> str:
    """The text of a page without the line breaks and indents of its template."""
    return squeezed(response.content.decode())


def squeezed(html: str) -> str:
    """HTML without the line breaks and indents of its template: none beside a tag, else one blank."""
    return INDENT.sub(" ", LINE_BREAK.sub("", html))
