from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnualProjectsConfig(AppConfig):
    name = "annual_projects"
    verbose_name = _("Ten projects")

    def ready(self) -> None:
        """The front door hears of the year's ten."""
        from annual_projects import front
        from core import front as doors

        doors.add_now(self.name, front.on_now)
