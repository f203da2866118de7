"""The key that signs the heads: Ed25519, derived from the house's own secret: no second key to lose."""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.seals import fingerprint


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(fingerprint("ed25519", purpose="voting-heads")))


def sign(text: str) -> str:
    """The signature of a text, 128 hexadecimal digits."""
    return _key().sign(text.encode()).hex()


def public_key() -> str:
    """What strangers verify with: the 32 bytes of the public key in hexadecimal digits."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


@lru_cache(maxsize=8)
def _public(key: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))


def is_signed(text: str, signature: str, key: str) -> bool:
    """Whether the signature is that key's over that text."""
    try:
        _public(key).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
