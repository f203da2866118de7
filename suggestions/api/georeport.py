"""How Open311 GeoReport v2 says what we say otherwise: services, requests, and both in XML and JSON.

Source: https://wiki.open311.org/GeoReport_v2/ (frozen). JSON is the XML without its root (the Spark convention).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import BaseRenderer, JSONRenderer

from core.day_words import day
from core.requests import absolute
from suggestions import deadlines
from suggestions.models import Attachment, Category
from suggestions.services import Receipt

LONGEST_DESCRIPTION = 4000
LONGEST_ADDRESS = 90  # characters: beside it there is room for latitude and longitude
ITEM = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Document:
    """An answer: the name of its root, which only XML shows, and what is in it."""

    root: str
    content: Any


class GeoReportJSON(JSONRenderer):
    charset = "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return super().render(data.content if isinstance(data, Document) else data, *args, **kwargs)


class GeoReportXML(BaseRenderer):
    media_type, format, charset = "text/xml", "xml", "utf-8"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return ElementTree.tostring(_element(data.root, data.content), encoding="utf-8", xml_declaration=True)


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, Mapping):
        element.extend(_element(inner, content) for inner, content in value.items())
    elif isinstance(value, list):
        element.extend(_element(ITEM[name], content) for content in value)
    elif isinstance(value, bool):
        element.text = str(value).lower()
    elif value is not None:
        element.text = NOT_IN_XML.sub("", str(value))
    return element


def moment(value: datetime | None) -> str | None:
    """2026-11-24T09:00:00+08:00."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else None


def service(category: Category) -> dict[str, Any]:
    """A category as a service that can be asked for."""
    promise = _("We answer within %(n)s working days.") % {"n": category.reply_days}
    return {
        "service_code": category.code,
        "service_name": category.local_name,
        "description": promise,
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(category.keywords),
        "group": category.kind,
    }


def definition(category: Category) -> dict[str, Any]:
    """What may be said beside the request: whether it may be shown to others."""
    publish = {
        "variable": True,
        "code": "publish",
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": None,
        "order": 1,
        "description": _("May it be shown, with the answer, on the public board? Without your name and number."),
        "values": [{"key": "no", "name": _("No")}, {"key": "yes", "name": _("Yes")}],
    }
    return {"service_code": category.code, "attributes": [publish]}


def request_of(case: Any, request: Any) -> dict[str, Any]:
    """A published case, as ``queries.board.published`` reads it, with ``updated_at`` and its attachments."""
    answer = case.answers[-1].public_text if case.answers and not case.is_open else None
    pictures = [file for file in case.attachments.all() if file.is_public]
    return {
        "service_request_id": case.number,
        "status": "open" if case.is_open else "closed",
        "status_notes": answer or case.get_state_display(),
        "service_name": case.category.local_name,
        "service_code": case.category_id,
        "description": case.public_body[:LONGEST_DESCRIPTION],
        "agency_responsible": case.unit.local_name,
        "service_notice": None,
        "requested_datetime": moment(case.created_at),
        "updated_datetime": moment(case.updated_at),
        "expected_datetime": moment(case.due_at) if case.is_open else None,
        "address": case.area.local_name if case.area else None,
        "address_id": case.area_id,
        "zipcode": None,
        "lat": case.area.lat if case.area else None,  # of the area: the board shows no more of the place
        "long": case.area.lng if case.area else None,
        "media_url": absolute(request, _picture(pictures[0], case.number)) if pictures else None,
    }


def _picture(file: Attachment, number: str) -> str:
    return reverse("suggestions:attachment", args=[number, file.pk])


def receipt_of(receipt: Receipt, *, left_out: bool = False) -> dict[str, Any]:
    """The answer to a new request; the tracking code and the promise stand in the notice, for the citizen to keep.

    ``left_out`` says that a picture was named by its address, which is not looked at.
    """
    case = receipt.suggestion
    promised = deadlines.promised(case.created_at, case.category.reply_days)
    notice = _("Tracking code %(code)s: keep it. You have our answer by %(day)s.")
    words = notice % {"code": receipt.tracking_code, "day": day(promised)}
    if left_out:
        words += " " + _("The picture at media_url was not looked at: send the file itself as media.")
    return {
        "service_request_id": case.number,
        "service_notice": words,
        "account_id": None,
    }
