from typing import Any

from evaluations.management.handing_in import ImportCommand
from evaluations.models import Wave
from evaluations.services.handing_in import hand_in_frame


class Command(ImportCommand):
    help = "Take a signed frame that the pollster drew: the interviews to be done, by area, age and sex, and subject."

    def take(self, wave: Wave, content: bytes, options: dict[str, Any]) -> str:
        frame = hand_in_frame(
            wave, content, signature=options["signature"], key=options["key"], by=None, dry_run=options["dry_run"]
        )
        return f"{frame.size:,} interviews to be done ({frame.sha256[:12]})" if frame else "is in order"
