from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self) -> None:
        """Put the newest poll on the front door."""
        from core import front as doors
        from evaluations import front

        doors.add_now(self.name, front.on_now)
