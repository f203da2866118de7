"""The demo city's voices: generated people saying plausible things to the police, the same for the same seed.

Plain Python: no Django, no database, no network. Nobody in it exists; every telephone is 199 0000 xxxx.
"""

from suggestions.demo.corpus import generate
from suggestions.demo.model import CATEGORY_CODES, CHANNELS, EXPECTED, Person, PlaceSpec, Voice
from suggestions.demo.replies import Desk, SavedTemplate, saved_templates

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
