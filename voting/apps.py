from django.apps import AppConfig


class VotingConfig(AppConfig):
    name = "voting"

    def ready(self) -> None:
        """The front door and a person's own page hear of the vote."""
        from core import front as doors
        from voting import front

        doors.add_now(self.name, front.on_now)
        doors.add_own(self.name, front.own)
        doors.add_export(self.name, front.export)
