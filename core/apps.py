from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Working calendar")

    def ready(self) -> None:
        """Load every room's consumers of outbox events, its invariants, grants and refusals."""
        from core import database_roles

        autodiscover_modules("events", "invariants", "grants", "refusals")
        checks.register(database_roles.every_column_is_classified)
        checks.register(database_roles.portal_is_not_the_owner, checks.Tags.security, deploy=True)
        post_migrate.connect(database_roles.after_migrating, sender=self)
