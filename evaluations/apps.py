from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Polls and appraisals")

    def ready(self) -> None:
        """Put the newest poll on the front door."""
        from core import front as doors
        from evaluations import front

        doors.add_now(self.name, front.on_now)
