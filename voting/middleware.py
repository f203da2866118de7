"""A receipt leaves a browser with the voter: who comes to the device next finds nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from voting.views.pages import COOKIE, take_back


class ReceiptMiddleware:
    """Clears the receipt at sign-out, and where a session ended in another way at the next page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if COOKIE in request.COOKIES and not request.user.is_authenticated:
            take_back(response)
        return response
