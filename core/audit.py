"""The audit ledger: rows are only ever added, and a chain of hashes over them is published daily (P12).

Entries are written in the transaction of the act they record. A sealer, one at a time, links every committed entry
that has no link yet; so writers never wait for each other. Between an act and its seal lies at most one tick of the
scheduler, which ``docs/decisions/audit-chain.md`` weighs.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import TruncDate

from core import policy
from core.locks import Lock, take
from core.models import AuditEntry, AuditLink
from core.workdays import SHANGHAI

GENESIS = "0" * 64


def record(action: str, obj: models.Model, *, by: Any = None, reason: str = "", **data: Any) -> AuditEntry:
    """Write one entry for ``obj``; ``by`` is a user or None for the system; ``data`` holds ids and codes only."""
    return AuditEntry.objects.create(
        actor=f"user:{by.pk}" if by is not None and by.pk else "system",
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        reason=reason,
        data=data,
    )


def canonical(entry: AuditEntry) -> str:
    """The line that is hashed and published: JSON with sorted keys, no spaces, UTC time to the microsecond."""
    fields = {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "object": f"{entry.object_type}:{entry.object_id}",
        "reason": entry.reason,
        "data": entry.data,
    }
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def chain(previous: str, line: str) -> str:
    """The next hash of the chain, 64 hexadecimal digits."""
    return hashlib.sha256(f"{previous}\n{line}".encode()).hexdigest()


@transaction.atomic
def seal(batch: int = 5_000) -> int:
    """Link up to ``batch`` committed entries that have no link yet; return how many."""
    take(Lock.AUDIT_CHAIN)
    last = AuditLink.objects.order_by("-seq").first()
    seq, digest = (last.seq, last.hash) if last else (0, GENESIS)
    links = []
    for entry in AuditEntry.objects.filter(link=None).order_by("pk")[:batch]:
        seq, digest = seq + 1, chain(digest, canonical(entry))
        links.append(AuditLink(seq=seq, entry=entry, hash=digest))
    AuditLink.objects.bulk_create(links)
    return len(links)


def lines() -> Iterator[str]:
    """The sealed ledger in chain order, one canonical line an entry: what is published and what a stranger hashes."""
    for link in AuditLink.objects.select_related("entry").order_by("seq").iterator(chunk_size=2_000):
        yield canonical(link.entry)


@transaction.atomic
def hand_out(*, by: Any) -> Iterator[str]:
    """The lines of the ledger for who takes all of it along, which is an entry itself.

    Raises: NotAllowed.
    """
    policy.require(by, "take", "audit")
    last = AuditLink.objects.order_by("-seq").values_list("seq", flat=True).first()
    record("audit.taken", by, by=by, lines=last or 0)
    return lines()


def verify() -> Iterable[str]:
    """Every fault of the chain, in words; nothing when it holds."""
    digest, expected = GENESIS, 1
    for link in AuditLink.objects.select_related("entry").order_by("seq").iterator(chunk_size=2_000):
        digest = chain(digest, canonical(link.entry))
        if link.seq != expected:
            yield f"link {link.seq}: {expected} was expected"
        if link.hash != digest:
            yield f"link {link.seq}: entry {link.entry_id} does not match its hash"
            digest = link.hash
        expected = link.seq + 1


#: The longest that a transaction lasts, and then some: entries have the time at which theirs began.
LONGEST = "interval '1 hour'"
MISDATED = f"""
    SELECT e.id, e.at FROM (
        SELECT id, at, max(at) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
        FROM core_auditentry
    ) e LEFT JOIN core_auditlink l ON l.entry_id = e.id
    WHERE e.at < e.latest - {LONGEST} OR e.at > clock_timestamp() + {LONGEST} OR l.sealed_at < e.at - {LONGEST}
    UNION ALL
    SELECT entry_id, sealed_at FROM (
        SELECT entry_id, sealed_at, lag(sealed_at) OVER (ORDER BY seq) AS before FROM core_auditlink
    ) l WHERE sealed_at < before - {LONGEST} OR sealed_at > clock_timestamp() + {LONGEST}
"""  # noqa: S608  a constant


def misdated() -> Iterable[str]:
    """Entries and seals whose time does not follow from their place."""
    with connection.cursor() as cursor:
        cursor.execute(MISDATED)
        return [f"entry {pk} of {at:%Y-%m-%d %H:%M}" for pk, at in cursor.fetchall()]


@dataclass(frozen=True)
class Head:
    """The last link of a day (Shanghai): whoever keeps it can prove that nothing before it was changed."""

    date: date
    seq: int
    hash: str


def heads() -> list[Head]:
    """The head of every day, oldest first; one statement. These are published."""
    day = TruncDate("sealed_at", tzinfo=SHANGHAI)
    last = AuditLink.objects.annotate(day=day).order_by("day", "-seq").distinct("day")
    return [Head(link.day, link.seq, link.hash) for link in last]


def missing(kept: Iterable[Head]) -> list[Head]:
    """The heads that somebody kept and this ledger does not have at their place: it was cut or written anew."""
    kept = list(kept)
    links = dict(AuditLink.objects.filter(seq__in=[head.seq for head in kept]).values_list("seq", "hash"))
    return [head for head in kept if links.get(head.seq) != head.hash]
