from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationsConfig(AppConfig):
    name = "evaluations"
    verbose_name = _("Polls and appraisals")

    def ready(self) -> None:
        """Put the newest poll on the front door, and keys that wait on the page of the second person."""
        from core import front as doors
        from directory.second_person import takes_two
        from evaluations import front, second_person

        doors.add_now(self.name, front.on_now)
        takes_two("signing", second_person.SIGNING_KEYS)
