"""How tests read a page: as a browser does, to whom the line breaks between the tags of a template say nothing."""

import re
from typing import Any

LINE_BREAK = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")


def page_of(response: Any) -> str:
    """The text of a page without the line breaks and indents beside its tags; others count as one blank."""
    return re.sub(r"\s*\n\s*", " ", LINE_BREAK.sub("", response.content.decode()))
