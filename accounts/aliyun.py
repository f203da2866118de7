"""Signing requests for Aliyun's RPC interface: ACS3-HMAC-SHA256, without its SDK.

Source: Aliyun, "Request syntax and signature method V3". Pure: no Django, so it is tested with the published example.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from uuid import uuid4

ALGORITHM = "ACS3-HMAC-SHA256"


@dataclass(frozen=True)
class Keys:
    access_key_id: str
    access_key_secret: str = field(repr=False)


@dataclass(frozen=True)
class Request:
    """A call with everything in the query and an empty body; ``endpoint`` is a scheme and a host."""

    endpoint: str
    action: str
    version: str
    query: dict[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc

    @property
    def canonical_query(self) -> str:
        pairs = sorted(self.query.items())
        return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)

    @property
    def url(self) -> str:
        return f"{self.endpoint}/?{self.canonical_query}"


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def signed_headers(request: Request, keys: Keys, *, now: datetime | None = None, nonce: str = "") -> dict[str, str]:
    """The headers to send with the request; ``now`` and ``nonce`` are given only to reproduce a known signature."""
    headers = {
        "host": request.host,
        "x-acs-action": request.action,
        "x-acs-version": request.version,
        "x-acs-date": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce or uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    names = ";".join(sorted(headers))
    signature = _signature(_canonical(request, headers, names), keys.access_key_secret)
    credential = f"Credential={keys.access_key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "Authorization": f"{ALGORITHM} {credential}"}


def _canonical(request: Request, headers: dict[str, str], names: str) -> str:
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    return "\n".join(["POST", "/", request.canonical_query, lines, names, headers["x-acs-content-sha256"]])


def _signature(canonical: str, secret: str) -> str:
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
