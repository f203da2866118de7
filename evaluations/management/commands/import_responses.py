from typing import Any

from evaluations.management.handing_in import ImportCommand, show
from evaluations.models import Wave
from evaluations.services.handing_in import hand_in


class Command(ImportCommand):
    help = "Take a pollster's signed file of interviews: whole or not at all, the same file once."

    def take(self, wave: Wave, content: bytes, options: dict[str, Any]) -> str:
        done = hand_in(
            wave,
            content,
            signature=options["signature"],
            key=options["key"],
            by=None,
            dry_run=options["dry_run"],
            seen=show,
        )
        what = "was taken before" if done.again else "is in order" if options["dry_run"] else "taken"
        return f"{done.responses:,} interviews, {done.answers:,} answers: {what} ({done.sha256[:12]})"
