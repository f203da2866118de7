from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("People")

    def ready(self) -> None:
        """Of the last sign-in the day is kept: its second would name what was said right after."""
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_the_day, dispatch_uid="accounts.note_the_day")


def note_the_day(sender: Any, user: Any, **kwargs: Any) -> None:
    """Write the day of a sign-in, as its first moment."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if user.last_login != today:
        user.last_login = today
        user.save(update_fields=["last_login"])
