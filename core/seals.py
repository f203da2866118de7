"""Sealed fields and keyed fingerprints.

A sealed value is AES-256-GCM with a random nonce, bound to the context in which it was sealed (so that a value cannot
be moved to another row's column unnoticed), with the key's name in front: keys rotate without touching old rows.
A fingerprint is HMAC-SHA256: it finds the same value again and gives nothing away without the key.

``FIELD_KEYS`` names a JSON file: {"current": "k1", "keys": {"k1": KEY}, "fingerprint": KEY}, where a KEY is the
base64 of 32 bytes.
"""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


@dataclass(frozen=True)
class Keys:
    current: str
    keys: dict[str, bytes]
    fingerprint: bytes


@lru_cache(maxsize=4)
def _read(path: Path) -> Keys:
    content = json.loads(path.read_text())
    keys = {name: base64.b64decode(value) for name, value in content["keys"].items()}
    return Keys(content["current"], keys, base64.b64decode(content["fingerprint"]))


def seal(text: str, *, context: str) -> bytes:
    """Encrypt ``text``; the same ``context`` must be named to open it again."""
    ring = _read(settings.FIELD_KEYS)
    nonce = os.urandom(NONCE)
    name = ring.current.encode()
    body = AESGCM(ring.keys[ring.current]).encrypt(nonce, text.encode(), context.encode())
    return bytes([len(name)]) + name + nonce + body


def unseal(blob: bytes | memoryview, *, context: str) -> str:
    """Decrypt what :func:`seal` made. Raises ``InvalidTag`` when it was altered or belongs to another context."""
    raw = bytes(blob)
    split = 1 + raw[0]
    key = _read(settings.FIELD_KEYS).keys[raw[1:split].decode()]
    return AESGCM(key).decrypt(raw[split : split + NONCE], raw[split + NONCE :], context.encode()).decode()


def fingerprint(value: str, *, purpose: str) -> str:
    """64 hexadecimal digits that are the same for the same value and purpose, and mean nothing without the key."""
    message = f"{purpose}\0{value}".encode()
    return hmac.new(_read(settings.FIELD_KEYS).fingerprint, message, hashlib.sha256).hexdigest()
