"""The demo city's voices: generated people saying plausible things to the police, the same for the same seed.

Nobody in it exists; every telephone is 199 0000 xxxx. What makes the voices (`corpus` and what it leans on) and what
the desk writes (`replies`) is plain Python: no Django, no database, no network. What becomes of the voices and how that
is written to the database begins in `load`; see docs/decisions/demo-city.md.
"""

from demo_city.suggestions.corpus import generate
from demo_city.suggestions.model import CATEGORY_CODES, CHANNELS, EXPECTED, Person, PlaceSpec, Voice
from demo_city.suggestions.replies import Desk, SavedTemplate, saved_templates

__all__ = [
    "CATEGORY_CODES",
    "CHANNELS",
    "EXPECTED",
    "Desk",
    "Person",
    "PlaceSpec",
    "SavedTemplate",
    "Voice",
    "generate",
    "saved_templates",
]
