"""Areas, units and officers for programs: what is on the public card, and nothing else."""

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import CleanCharField
from core.api.schema import listed
from core.api.views import Endpoint, PagedEndpoint
from core.requests import absolute
from directory.models import Area, Officer, Unit


class AreaSerializer(serializers.ModelSerializer):
    """A part of the city by its statistical code: 4 digits city, 6 county, 9 town, 12 community."""

    class Meta:
        model = Area
        fields = ["code", "name", "name_en", "level", "parent", "lng", "lat"]
        read_only_fields = fields


class UnitSerializer(serializers.ModelSerializer):
    """A police unit as its public card shows it."""

    parent = serializers.SlugRelatedField[Unit](  # type: ignore[assignment]
        slug_field="code", read_only=True, allow_null=True
    )
    areas = serializers.SlugRelatedField[Area](
        slug_field="code", many=True, read_only=True, help_text="What it answers for."
    )
    url = serializers.SerializerMethodField(help_text="Its page.")

    class Meta:
        model = Unit
        fields = [
            "code", "name", "name_en", "kind", "function", "parent", "area", "areas", "address", "phone", "hours",
            "hours_en", "service_zone", "lng", "lat", "url",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, unit: Unit) -> str:
        return absolute(self.context["request"], unit.get_absolute_url())


class OfficerSerializer(serializers.ModelSerializer):
    """An officer's public card: name, badge, post, telephone and beat."""

    unit = serializers.SlugRelatedField[Unit](slug_field="code", read_only=True)
    unit_name = serializers.CharField(source="unit.name", read_only=True)
    beats = serializers.SlugRelatedField[Area](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Officer
        fields = ["badge_number", "name", "unit", "unit_name", "position", "phone", "beats"]
        read_only_fields = fields


class AreaQuery(serializers.Serializer):
    q = CleanCharField(required=False, max_length=40, help_text="Words in the name.")
    level = serializers.ChoiceField(Area.Level.choices, required=False)
    parent = serializers.RegexField(  # type: ignore[assignment]
        r"^\d{4,12}$", required=False, help_text="The code of the area around it."
    )


class UnitQuery(serializers.Serializer):
    q = CleanCharField(required=False, max_length=40, help_text="Words in the name.")
    kind = serializers.ChoiceField(Unit.Kind.choices, required=False)
    function = serializers.ChoiceField(Unit.Function.choices, required=False)
    parent = serializers.SlugField(  # type: ignore[assignment]
        required=False, max_length=40, help_text="The code of the unit above it."
    )
    area = serializers.RegexField(r"^\d{4,12}$", required=False, help_text="Units that answer for this place.")


class OfficerQuery(serializers.Serializer):
    q = CleanCharField(required=False, max_length=40, help_text="The beginning of a name or badge number.")
    unit = serializers.SlugField(required=False, max_length=40, help_text="The unit's code.")
    area = serializers.RegexField(r"^\d{4,12}$", required=False, help_text="Officers whose beat is this place.")


class Areas(PagedEndpoint):
    """The areas of the city, by code."""

    tag, operation, summary = "directory", "areas", "List areas"
    key, parameters, answer = ("code",), [AreaQuery], listed(AreaSerializer)

    def get(self, request: Request) -> Response:
        asked = self.asked(AreaQuery, request)
        exact = {"name__contains": asked.get("q"), "level": asked.get("level"), "parent": asked.get("parent")}
        areas = Area.objects.filter(**{name: value for name, value in exact.items() if value})
        return self.page(areas, AreaSerializer, request)


class Units(PagedEndpoint):
    """The units of the bureau, from the top down."""

    tag, operation, summary = "directory", "units", "List units"
    key, parameters, answer = ("path",), [UnitQuery], listed(UnitSerializer)

    def get(self, request: Request) -> Response:
        asked = self.asked(UnitQuery, request)
        units = public_units().filter(**{name: asked[name] for name in ("kind", "function") if name in asked})
        if "parent" in asked:
            units = units.filter(parent__code=asked["parent"])
        if "area" in asked:
            units = units.filter(Q(areas__code=asked["area"]) | Q(area__code=asked["area"])).distinct()
        if asked.get("q"):
            units = units.filter(Q(name__contains=asked["q"]) | Q(name_en__icontains=asked["q"]))
        return self.page(units, UnitSerializer, request)


class OneUnit(Endpoint):
    """One unit's public card."""

    tag, operation, summary, answer = "directory", "unit", "Read one unit", UnitSerializer

    def get(self, request: Request, code: str) -> Response:
        unit = self.or_404(public_units(), code=code)
        return Response(UnitSerializer(unit, context={"request": request}).data)


class Officers(PagedEndpoint):
    """The officers the public may know, by badge number."""

    tag, operation, summary = "directory", "officers", "List officers"
    key, parameters, answer = ("badge_number",), [OfficerQuery], listed(OfficerSerializer)

    def get(self, request: Request) -> Response:
        asked = self.asked(OfficerQuery, request)
        officers = public_officers()
        if "unit" in asked:
            officers = officers.filter(unit__code=asked["unit"])
        if "area" in asked:
            officers = officers.filter(beats__code=asked["area"])
        if asked.get("q"):
            officers = officers.filter(Q(name__startswith=asked["q"]) | Q(badge_number__startswith=asked["q"]))
        return self.page(officers, OfficerSerializer, request)


class OneOfficer(Endpoint):
    """One officer's public card."""

    tag, operation, summary, answer = "directory", "officer", "Read one officer", OfficerSerializer

    def get(self, request: Request, badge_number: str) -> Response:
        officer = self.or_404(public_officers(), badge_number=badge_number)
        return Response(OfficerSerializer(officer, context={"request": request}).data)


def public_units() -> QuerySet[Unit]:
    """Active units with what the card shows; two statements."""
    return Unit.objects.active().select_related("parent").prefetch_related("areas")


def public_officers() -> QuerySet[Officer]:
    """Active officers with what the card shows; two statements."""
    return Officer.objects.filter(is_active=True).select_related("unit").prefetch_related("beats")
