"""What citizens said and what became of it."""

from suggestions.models.case import Category, CoHandling, Identity, SameMeaning, Subject, Suggestion
from suggestions.models.desk import (
    Extension,
    FollowUp,
    IdentityOpening,
    Question,
    Reminder,
    ReplyTemplate,
    RoutingRule,
)
from suggestions.models.thread import Attachment, Rating, Reply, Step, Supporter

__all__ = [
    "Attachment",
    "Category",
    "CoHandling",
    "Extension",
    "FollowUp",
    "Identity",
    "IdentityOpening",
    "Question",
    "Rating",
    "Reminder",
    "Reply",
    "ReplyTemplate",
    "RoutingRule",
    "SameMeaning",
    "Step",
    "Subject",
    "Suggestion",
    "Supporter",
]
