from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self) -> None:
        """Put the newest poll on the front door."""
        from core import front
        from evaluations import now

        front.add_now("evaluations", now.on_now)
