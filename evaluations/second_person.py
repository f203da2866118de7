"""What of the polls takes two: the keys by which a pollster's files are believed."""

from django.utils.translation import gettext as _

from directory.second_person import Kind
from evaluations import services
from evaluations.models import SigningKey


def _words(key: SigningKey) -> tuple[str, str, tuple[str, ...]]:
    return _("Signing key of a pollster"), str(key.pollster), (_("Compare it with the pollster:"), key.public_key)


SIGNING_KEYS = Kind(SigningKey, services.keys_waiting, _words, services.confirm_key, services.refuse_key)
