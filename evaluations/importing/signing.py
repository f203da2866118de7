"""Whether a file comes from the pollster: Ed25519 over the SHA-256 of its bytes."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _

from evaluations.errors import BadSignature
from evaluations.models import SigningKey, Wave


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def verified_key(wave: Wave, public_key: str, signature: str, digest: str) -> SigningKey:
    """The pollster's key with which ``digest`` (hexadecimal) was signed. Raises: BadSignature."""
    key = SigningKey.objects.filter(public_key=public_key.strip().lower(), pollster=wave.pollster_id).first()
    if key is None:
        raise BadSignature(_("This key is not known for the pollster of this wave."))
    if not key.is_in_force:
        raise BadSignature(_("A second person has not confirmed this key."))
    if key.revoked_at is not None:
        raise BadSignature(_("This key was revoked. Please sign with the new one."))
    try:
        made = bytes.fromhex(signature.strip())
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key)).verify(made, bytes.fromhex(digest))
    except (ValueError, InvalidSignature):
        raise BadSignature from None
    return key
