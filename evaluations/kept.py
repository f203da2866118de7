"""What the ledger remembers of a frozen wave: every interview, every answer, and what was decided of flags."""

from core.keeping import Kept, Part
from evaluations.models import Answer, Flag, Response, Wave

_RESPONSE = "JOIN evaluations_response r ON r.id = t.response_id"

WAVE = Kept(
    Part(Wave, "t.id", ("code",)),
    Part(
        Response,
        "t.wave_id",
        ("batch", "reference", "area", "age_sex", "mode", "started_at", "ended_at", "base_weight", "weight"),
    ),
    Part(Answer, "r.wave_id", ("response", "item", "subject", "said", "level"), join=_RESPONSE),
    Part(Flag, "r.wave_id", ("response", "kind", "state"), join=_RESPONSE),
    batch=1,
)
