"""Saved texts that replies start from: the triage desk keeps those of the city, a leader those of their own unit."""

from typing import Any

from django.db import transaction

from core import audit
from core.errors import NotAllowed
from core.said import limit, required
from suggestions import access
from suggestions.models import ReplyTemplate


@transaction.atomic
def save_reply_template(template: ReplyTemplate, *, by: Any) -> ReplyTemplate:
    """Write down a new or changed text, or take one out of use (``is_active``); nothing is deleted.

    Raises: NotAllowed for a text of somebody else's unit, before or after the change; Invalid by field when empty.
    """
    before = ReplyTemplate.objects.order_by().select_for_update().filter(pk=template.pk).first()
    if not access.may_edit_template(by, template.unit) or (
        before is not None and not access.may_edit_template(by, before.unit)
    ):
        raise NotAllowed
    template.title = required(template.title, "title", limit(ReplyTemplate, "title"))
    template.text = required(template.text, "text", limit(ReplyTemplate, "text"))
    template.save()
    audit.record("template.saved", template, by=by, unit=template.unit_id, active=template.is_active)
    return template
