"""What views of signed-in people may take for granted."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request that the route table lets through for somebody signed in alone; for annotations."""

    user: User
