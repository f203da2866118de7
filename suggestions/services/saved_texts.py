"""Saved texts that replies start from: the triage desk keeps those of the city, a leader those of their own unit."""

from typing import Any

from django.db import transaction

from core import audit
from core.errors import NotAllowed
from suggestions import access
from suggestions.models import ReplyTemplate
from suggestions.services.handle import required


@transaction.atomic
def save_reply_template(template: ReplyTemplate, *, by: Any) -> ReplyTemplate:
    """Write down a new or changed text, or take one out of use (``is_active``); nothing is deleted.

    Raises: NotAllowed for a text of somebody else's unit, before or after the change; Invalid by field when empty.
    """
    before = ReplyTemplate.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=template.pk).first()
    if not access.may_edit_template(by, template.unit) or (
        before is not None and not access.may_edit_template(by, before.unit)
    ):
        raise NotAllowed
    template.title, template.text = required(template.title, "title"), required(template.text, "text")
    template.save()
    audit.record("template.saved", template, by=by, unit=template.unit_id, active=template.is_active)
    return template
