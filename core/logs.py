"""What a log line may say: what happened and where, never to whom and never in whose words."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

ABOUT_PEOPLE = ("ip", "user_agent", "user_id")
# PostgreSQL puts the refused row, with all that somebody wrote, under its message
ROW = re.compile(r"\n(?:DETAIL|CONTEXT): .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)


def without_people(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: drops who asked and with which device, query strings, and rows that were refused."""
    for name in ABOUT_PEOPLE:
        event.pop(name, None)
    if "request" in event:
        event["request"] = str(event["request"]).partition("?")[0]
    if "exception" in event:
        event["exception"] = without_rows(str(event["exception"]))
    return event


def one_line_of_what_was_refused(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: Django tells of a refused request with a traceback, of our own code alone."""
    if str(event.get("logger", "")).startswith("django.") and event.get("level") in ("debug", "info", "warning"):
        event.pop("exc_info", None)
    return event


def without_rows(traceback: str) -> str:
    """The traceback without the rows that the database quotes."""
    return ROW.sub("", traceback)


# what every line goes through, ours and those of every library
EVERY_LINE: list[structlog.typing.Processor] = [
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    one_line_of_what_was_refused,
    structlog.processors.format_exc_info,
    without_people,
]
