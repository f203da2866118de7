"""Secrets for a development copy, made once and kept beside its data; an operator brings their own."""

import base64
import json
import os
import secrets
from pathlib import Path


def ensure_keys(data_dir: Path) -> dict[str, str]:
    """Make the signing key and the field keys unless they exist; return the environment that names them."""
    folder = Path(data_dir).absolute() / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    signing, sealing = folder / "secret_key", folder / "field_keys.json"
    if not signing.exists():
        write_private(signing, secrets.token_urlsafe(64))
    if not sealing.exists():
        write_private(sealing, json.dumps(new_field_keys(), indent=1))
    return {"SECRET_KEY": signing.read_text().strip(), "FIELD_KEYS": str(sealing)}


def new_field_keys() -> dict[str, object]:
    """Return one fresh 256-bit sealing key and one fingerprint key, in base64."""
    return {"current": "k1", "keys": {"k1": random_key()}, "fingerprint": random_key()}


def random_key() -> str:
    """Return 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, complete or not at all."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
