"""The pages of listening and handling, a module a room."""

from suggestions.views import (
    board,
    desk,
    follow_ups,
    identity,
    inbox,
    intake,
    reply_templates,
    rules,
    speak,
    track,
)

__all__ = [
    "board",
    "desk",
    "follow_ups",
    "identity",
    "inbox",
    "intake",
    "reply_templates",
    "rules",
    "speak",
    "track",
]
