from django.apps import AppConfig


class AnnualProjectsConfig(AppConfig):
    name = "annual_projects"

    def ready(self) -> None:
        """The front door hears of the year's ten."""
        from annual_projects import front
        from core import front as doors

        doors.add_now(self.name, front.on_now)
