"""Open311 GeoReport v2 for clients that exist already, over the same services; only published cases are readable."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiRequest
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import phones, tokens
from core import files
from core.api import CleanCharField, MomentField, idempotency
from core.api.problems import problem_of
from core.api.views import Endpoint
from core.errors import Invalid, NotAllowed
from core.requests import absolute
from directory.models import Area
from suggestions import services
from suggestions.api import georeport
from suggestions.api.georeport import Document
from suggestions.api.public import sorted_voice
from suggestions.models import Attachment, Category, Suggestion
from suggestions.queries import board
from suggestions.services import Voice
from suggestions.states import OPEN, Channel

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-24T00:00:00+08:00"
SPAN = timedelta(days=90)
MOST = 1000
MOST_PAGES = 1000
HTTP_AS_IT_IS = (403, 404, 405, 413, 415, 429, 503)
FORMAT = OpenApiParameter("suffix", str, OpenApiParameter.PATH, enum=["json", "xml"])
BOTH = ("application/json", "text/xml")
MOMENTS = ("created_at", "published_at", "accepted_at", "replied_at", "closed_at", "reopened_at")
ITS_NAME = {"contact_phone": "phone", "contact_name": "last_name", "body": "description", "attachments": "media"}


class ErrorSerializer(serializers.Serializer):
    """What went wrong; the list has one for each thing."""

    code = serializers.IntegerField()
    description = serializers.CharField()


class ServiceSerializer(serializers.Serializer):
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    description = serializers.CharField()
    metadata = serializers.BooleanField()
    type = serializers.ChoiceField(["realtime", "batch", "blackbox"])
    keywords = serializers.CharField()
    group = serializers.CharField()


class ValueSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()


class AttributeSerializer(serializers.Serializer):
    variable = serializers.BooleanField()
    code = serializers.CharField()
    datatype = serializers.ChoiceField(["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"])
    required = serializers.BooleanField()  # type: ignore[assignment]
    datatype_description = serializers.CharField(allow_null=True)
    order = serializers.IntegerField()
    description = serializers.CharField()
    values = ValueSerializer(many=True)


class DefinitionSerializer(serializers.Serializer):
    service_code = serializers.CharField()
    attributes = AttributeSerializer(many=True)


class ServiceRequestSerializer(serializers.Serializer):
    service_request_id = serializers.CharField()
    status = serializers.ChoiceField(["open", "closed"])
    status_notes = serializers.CharField(allow_null=True)
    service_name = serializers.CharField()
    service_code = serializers.CharField()
    description = serializers.CharField()
    agency_responsible = serializers.CharField()
    service_notice = serializers.CharField(allow_null=True)
    requested_datetime = serializers.DateTimeField()
    updated_datetime = serializers.DateTimeField()
    expected_datetime = serializers.DateTimeField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    address_id = serializers.CharField(allow_null=True)
    zipcode = serializers.CharField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    long = serializers.FloatField(allow_null=True)
    media_url = serializers.URLField(allow_null=True)


class NewRequestSerializer(serializers.Serializer):
    """What comes back for a new request."""

    service_request_id = serializers.CharField()
    service_notice = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)


class TokenSerializer(serializers.Serializer):
    service_request_id = serializers.CharField()
    token = serializers.CharField()


class RequestsQuery(serializers.Serializer):
    """Which requests: numbers override all the rest; without dates those of the last 90 days."""

    service_request_id = CleanCharField(required=False, max_length=2000, help_text="Several, separated by commas.")
    service_code = CleanCharField(required=False, max_length=1000, help_text="Several, separated by commas.")
    status = CleanCharField(required=False, max_length=40, help_text="`open`, `closed` or both, with a comma.")
    start_date = MomentField(required=False)
    end_date = MomentField(required=False)
    updated_after = MomentField(required=False, help_text="Of any age, where something happened since.")
    updated_before = MomentField(required=False)
    page = serializers.IntegerField(required=False, min_value=1, max_value=MOST_PAGES)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MOST)
    jurisdiction_id = CleanCharField(required=False, help_text="There is one only; not looked at.")


class RequestForm(serializers.Serializer):
    """A new request, as a form. A place is needed: ``address_string``, ``address_id`` or ``lat`` and ``long``."""

    api_key = CleanCharField(required=False, max_length=200, help_text="A token; or send it as a bearer.")
    jurisdiction_id = CleanCharField(required=False, allow_blank=True)
    service_code = CleanCharField(max_length=32)
    description = CleanCharField(max_length=georeport.LONGEST_DESCRIPTION)
    address_string = CleanCharField(required=False, allow_blank=True, max_length=georeport.LONGEST_ADDRESS)
    address_id = CleanCharField(required=False, allow_blank=True, max_length=12, help_text="The code of an area.")
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90)
    long = serializers.FloatField(required=False, min_value=-180, max_value=180)
    first_name = CleanCharField(required=False, allow_blank=True, max_length=20)
    last_name = CleanCharField(required=False, allow_blank=True, max_length=20)
    phone = CleanCharField(required=False, allow_blank=True, max_length=phones.LONGEST)
    media_url = CleanCharField(required=False, allow_blank=True, max_length=2000, help_text="Not looked at.")


class RequestWithFilesForm(RequestForm):
    """The same with photos or PDF files, each as a part named ``media``."""

    media = serializers.ListField(child=serializers.FileField(), required=False, max_length=files.MOST_FILES)


class SuffixDecides(DefaultContentNegotiation):
    """The format stands in the address, and no header knows better."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        chosen = next((one for one in renderers if one.format == format_suffix), renderers[0])
        return chosen, chosen.media_type


def errors(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The specification's errors: 404 and 403 where they belong, what is not HTTP's own business as 400."""
    problem = problem_of(error)
    if problem is None:
        return None
    status = 403 if problem.status == 401 else problem.status
    status = status if status in HTTP_AS_IT_IS else 400
    by_field = problem.more.get("errors", {})
    told = [f"{ITS_NAME.get(name, name)}: {word}" for name, words in by_field.items() for word in words]
    content = [{"code": status, "description": words} for words in told or [problem.detail]]
    return Response(Document("errors", content), status=status, headers=problem.headers)


class GeoReport(Endpoint):
    """What all of them have in common."""

    tag = "open311"
    renderer_classes = (georeport.GeoReportJSON, georeport.GeoReportXML)
    content_negotiation_class = SuffixDecides
    parameters: Any = [FORMAT]
    problem_serializer, problems_are_listed = ErrorSerializer, True
    problem_media_types = BOTH
    problem_statuses = {
        "GET": ("400", "403", "404", "429", "503"),
        "POST": ("400", "403", "404", "409", "413", "415", "429", "503"),
    }

    def get_exception_handler(self) -> Any:
        return errors

    def get_format_suffix(self, **kwargs: Any) -> str | None:
        return kwargs.get("suffix")


class Discovery(GeoReport):
    """Where this speaks GeoReport v2, and in which formats."""

    operation, summary = "open311_discovery", "Service discovery"
    answer: Any = {(200, *BOTH): {"type": "object"}}

    def get(self, request: Request, suffix: str) -> Response:
        endpoint = {
            "specification": SPECIFICATION,
            "url": absolute(request, "/api/open311/v2"),
            "changeset": CHANGED,
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        content = {"changeset": CHANGED, "contact": absolute(request, "/"), "key_service": None}
        return Response(Document("discovery", {**content, "endpoints": [endpoint]}))


class Services(GeoReport):
    """What can be asked for."""

    operation, summary = "open311_services", "List services"
    answer: Any = {(200, *BOTH): ServiceSerializer(many=True)}
    pagination_class = None

    def get(self, request: Request, suffix: str) -> Response:
        return Response(Document("services", [georeport.service(one) for one in _categories()]))


class Definition(GeoReport):
    """What may be said beside a request."""

    operation, summary = "open311_service", "Read a service's definition"
    answer: Any = {(200, *BOTH): DefinitionSerializer}

    def get(self, request: Request, code: str, suffix: str) -> Response:
        return Response(Document("service_definition", georeport.definition(self.or_404(_categories(), pk=code))))


class Requests(GeoReport):
    """Published requests, the newest first and at most a thousand a page; and the door for a new one."""

    operation = {"GET": "open311_requests", "POST": "open311_post_request"}
    summary = {"GET": "List requests", "POST": "Make a request"}
    throttle_scope = {"GET": "read", "POST": "submit"}
    token_scope = "open311"  # noqa: S105  its name
    parser_classes = (FormParser, MultiPartParser)
    parameters: Any = {"GET": [FORMAT, RequestsQuery], "POST": [FORMAT]}
    request_body = {
        "POST": {
            "application/x-www-form-urlencoded": OpenApiRequest(RequestForm),
            "multipart/form-data": OpenApiRequest(RequestWithFilesForm),
        }
    }
    answer: Any = {
        "GET": {(200, *BOTH): ServiceRequestSerializer(many=True)},
        "POST": {(201, *BOTH): NewRequestSerializer(many=True)},
    }
    pagination_class = None

    def get(self, request: Request, suffix: str) -> Response:
        asked = self.asked(RequestsQuery, request)
        size = asked.get("page_size", MOST)
        before = size * (asked.get("page", 1) - 1)
        found = _wanted(asked).order_by("-created_at", "-pk")[before : before + size]
        shown = [georeport.request_of(case, request) for case in found]
        return Response(Document("service_requests", shown))

    def post(self, request: Request, suffix: str) -> Response:
        form: Any = request.data
        token: Any = request.auth or tokens.use(str(form.get("api_key", "")))
        if token is None or self.token_scope not in token.scopes:
            raise NotAllowed(_("A valid api_key is needed to make a request."))
        given = self.read(RequestForm, request).validated_data
        publish = form.get("attribute[publish]") == "yes"
        key = idempotency.key_of(request) or idempotency.fresh_key()
        receipt = services.submit(
            sorted_voice(_voice(given, publish=publish)),
            idempotency_key=f"open311:{token.client_id}:{key}",
            files=files.clean_uploads([*request.FILES.getlist("media"), *request.FILES.getlist("media[]")]),
        )
        made = georeport.receipt_of(receipt, left_out=bool(given.get("media_url")))
        return Response(Document("service_requests", [made]), status=201)


class OneRequest(GeoReport):
    """One published request."""

    operation, summary = "open311_request", "Read one request"
    answer: Any = {(200, *BOTH): ServiceRequestSerializer(many=True)}
    pagination_class = None

    def get(self, request: Request, number: str, suffix: str) -> Response:
        case = self.or_404(_published(), number=number)
        return Response(Document("service_requests", [georeport.request_of(case, request)]))


class Token(GeoReport):
    """Our requests have their number at once, so a token is the number itself."""

    operation, summary = "open311_token", "Read the number behind a token"
    answer: Any = {(200, *BOTH): TokenSerializer(many=True)}
    pagination_class = None

    def get(self, request: Request, number: str, suffix: str) -> Response:
        case = self.or_404(Suggestion.objects.published(), number=number)
        content = [{"service_request_id": case.number, "token": case.number}]
        return Response(Document("service_requests", content))


def _categories() -> QuerySet[Category]:
    return Category.objects.filter(is_active=True)


def _published() -> QuerySet[Suggestion]:
    """With ``updated_at``, the last moment at which something changed that is shown here; three statements."""
    shown = board.published().prefetch_related(Prefetch("attachments", Attachment.objects.filter(is_public=True)))
    return shown.annotate(updated_at=Greatest(*map(F, MOMENTS)))


def _wanted(asked: dict[str, Any]) -> QuerySet[Suggestion]:
    """Raises: Invalid for a span of more than 90 days or an unknown status."""
    if "service_request_id" in asked:
        return _published().filter(number__in=_many(asked["service_request_id"]))
    found = _published()
    since, until = asked.get("updated_after"), asked.get("updated_before")
    if since:
        found = found.filter(Q(updated_at__gte=since))
    if until:
        found = found.filter(Q(updated_at__lte=until))
    if not since or "start_date" in asked or "end_date" in asked:
        start, end = _span(asked.get("start_date"), asked.get("end_date"))
        found = found.filter(created_at__gte=start, created_at__lte=end)
    if "service_code" in asked:
        found = found.filter(category__in=_many(asked["service_code"]))
    statuses = set(_many(asked.get("status", "")))
    if statuses - {"open", "closed"}:
        raise Invalid("status", _("A status is open or closed."))
    if len(statuses) == 1:
        found = found.filter(state__in=OPEN) if "open" in statuses else found.exclude(state__in=OPEN)
    return found


def _many(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    now = timezone.now()
    if any(date and not 2000 <= date.year <= 2100 for date in (start, end)):
        raise Invalid("start_date", _("There is nothing of that time here."))
    end = end or (start + SPAN if start else now)
    start = start or end - SPAN
    if end - start > SPAN:
        raise Invalid("start_date", _("At most 90 days at a time."))
    return start, end


def _voice(given: dict[str, Any], *, publish: bool) -> Voice:
    """Raises: NotFound for an unknown service, Invalid for a missing or unknown place."""
    category = _categories().filter(pk=given["service_code"]).first()
    if category is None:
        raise NotFound(_("There is no such service_code."))
    place, area = _place(given)
    name = given.get("last_name", "") + given.get("first_name", "")
    return Voice(
        body=given["description"],
        category=category,
        area=area,
        place=place,
        contact_name=name,
        contact_phone=given.get("phone", ""),
        publish=publish,
        channel=Channel.API,
    )


def _place(given: dict[str, Any]) -> tuple[str, Area | None]:
    code, words = given.get("address_id"), given.get("address_string", "")
    area = Area.objects.filter(pk=code).first() if code else None
    if code and area is None:
        raise Invalid("address_id", _("There is no area with this code."))
    if "lat" in given and "long" in given:
        point = f"{given['lat']:.6f}, {given['long']:.6f}"
        words = f"{words} ({point})" if words else point
    if not words and area is None:
        raise Invalid("address_string", _("Say where it is: address_string, address_id, or lat and long."))
    return words, area
