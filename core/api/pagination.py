"""Pages of a list: ``{"results": […], "next": url|null, "previous": url|null}``, by position and never by number."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param

from core import keyset
from core.errors import Invalid
from core.keyset import Page
from core.requests import absolute

LARGEST = 100
ADDRESS = {"type": "string", "format": "uri", "nullable": True}


def size_of(request: Request) -> int:
    """How many rows the caller wants on a page. Raises: Invalid unless ``size`` is between 1 and 100."""
    wanted = request.query_params.get("size", "")
    if wanted == "":
        return int(api_settings.PAGE_SIZE or 25)
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 4
    if not is_number or not 1 <= int(wanted) <= LARGEST:
        raise Invalid("size", _("Between 1 and %(n)s rows a page.") % {"n": LARGEST})
    return int(wanted)


class KeysetPagination(BasePagination):
    """Takes a queryset, which it reads in the order of the view's ``key``, or a page that a query has read already."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        """The rows of the page that is asked for; of a ``Page``, its own."""
        size = size_of(request)
        if isinstance(queryset, Page):
            self.page = queryset
        else:
            cursor = request.query_params.get("cursor")
            self.page = keyset.page(queryset, key=view.key, cursor=cursor, size=size)
        return self.page.items

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self._at(self.page.older), "previous": self._at(self.page.newer)})

    def _at(self, cursor: str | None) -> str | None:
        here = absolute(self.request, self.request.get_full_path())
        return replace_query_param(here, "cursor", cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": ADDRESS, "previous": ADDRESS},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter("cursor", "Where to go on, from `next` or `previous` of another page.", {"type": "string"}),
            _parameter(
                "size",
                "Rows on a page.",
                {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": api_settings.PAGE_SIZE},
            ),
        ]


def _parameter(name: str, says: Any, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": str(says), "schema": schema}
