"""The endpoints' common frame."""

from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core.api.pagination import KeysetPagination
from core.keyset import Page

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Serializer)


class Endpoint(APIView):
    """One address of the API."""

    throttle_scope: str | dict[str, str] = "read"

    def read(self, serializer: type[S], request: Request) -> S:
        """The body, valid. Raises: ValidationError by field."""
        body = serializer(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        return body

    def asked(self, serializer: type[S], request: Request) -> dict[str, Any]:
        """What the query string asks for, valid; empty values are left out. Raises: ValidationError by field."""
        given = {name: value for name, value in request.query_params.items() if value != ""}
        query = serializer(data=given)
        query.is_valid(raise_exception=True)
        return query.validated_data

    @staticmethod
    def or_404(rows: QuerySet[M], **where: Any) -> M:
        """The row, or NotFound; an address that no row can have is as good as an unknown one."""
        try:
            return rows.get(**where)
        except (ObjectDoesNotExist, ValueError) as error:
            raise NotFound from error

    def page(self, found: Any, serializer: type[Serializer], request: Request) -> Response:
        """A page of a queryset in the order of ``key``, or one that was read already."""
        paginator = KeysetPagination()
        items = paginator.paginate_queryset(found, request, view=self)
        return paginator.get_paginated_response(serializer(items, many=True, context={"request": request}).data)


class PagedEndpoint(Endpoint):
    """An address with a list behind it; ``key`` is its order."""

    pagination_class = KeysetPagination
    key: tuple[str, ...] = ("pk",)

    @staticmethod
    def cursor(request: Request) -> str | None:
        return request.query_params.get("cursor")


def page_of(items: list[Any]) -> Page[Any]:
    """A short list as its only page."""
    return Page(items, None, None)


@extend_schema(exclude=True)
class NothingHere(Endpoint):
    """Any other address below ``/api/``: a problem, not a page."""

    policy = ("page", "open")

    def get(self, request: Request, **kwargs: object) -> Response:
        raise NotFound

    post = put = patch = delete = get
