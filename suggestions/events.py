"""What this room does when another one reports something or asks."""

from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.urls import reverse

from accounts.models import User, keeps_back
from core.outbox import consumer
from suggestions.models import Suggestion


@consumer("accounts.erased")
def forget_the_person(*, user_id: int) -> None:
    """The cases stay in the records; who said them is gone for good."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT suggestions_forget(%s)", [user_id])


@keeps_back
def told_before_they_were_named(user: User) -> Q:
    """What staff were told of a case that turned out to complain of them. What they say as citizens stays theirs."""
    pages = Concat(Value(reverse("suggestions:desk")), "number", Value("/"))
    return Q(link__in=Suggestion.objects.complaining_of(user).order_by().values(page=pages))
