from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Working calendar")

    def ready(self) -> None:
        """Load every room's consumers of outbox events and its invariants."""
        autodiscover_modules("events", "invariants")
