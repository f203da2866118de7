"""Telling people: rows first, in the transaction of what they tell; workers send them, at least once each.

A worker claims rows with a lease and sends outside any transaction. Every claim counts a try, and a worker may only
settle the try it claimed: one whose lease ran out meanwhile changes nothing. After eight tries a row is failed, and the
desk sees it.
"""

import logging
import re
import smtplib
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import override

from accounts import phones, sms
from accounts.models import Notification, User
from core import seals
from core.errors import Text
from core.outbox import enqueue_on_commit

log = logging.getLogger(__name__)
Channel, State = Notification.Channel, Notification.State

MOST_TRIES = 8
LEASE = timedelta(minutes=5)
CLAIM = 20  # rows; each may take ten seconds of a gateway's silence, and all must fit in the lease
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


def in_lines(*words: Text) -> str:
    """What is said of these, each on a line of its own."""
    return "\n".join(filter(None, map(str, words)))


def kept_key(dedupe_key: str) -> str:
    """What a row keeps of its key: the words without their numbers, and a keyed digest. It leads to no case."""
    return f"{re.sub(r'[0-9]+', '#', dedupe_key)[:55]} {seals.fingerprint(dedupe_key, purpose='notification')}"


def notify(
    *,
    user: User | None = None,
    phone: str | None = None,
    email: str | None = None,
    subject: Text,
    body: Text = "",
    inside: Text = "",
    link: str = "",
    dedupe_key: str,
    channels: Sequence[str] = ("site", "sms"),
) -> None:
    """Write what somebody should be told, once for each channel they can be reached by; told again, nothing happens.

    ``subject`` and ``body`` go in the person's language when they are lazy, and hold no personal data beyond a case
    number; ``inside`` stands before the body in the portal and never leaves it; ``link`` is a path of this portal.
    Raises: Invalid when ``phone`` is not a mainland mobile number.
    """
    addresses = _addresses(user, phone, email)
    wanted = [channel for channel in channels if channel in addresses]
    if not wanted or (user is not None and not user.is_active):
        return
    with override(user.language if user else settings.LANGUAGE_CODE):
        words = {"subject": str(subject)[:120], "body": str(body), "link": link}
        more = {"body": in_lines(inside, body)}
    key = kept_key(dedupe_key)
    rows = [
        _row(channel, user, addresses[channel], key, words | (more if channel == Channel.SITE else {}))
        for channel in wanted
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.channel != Channel.SITE for row in rows):
        enqueue_on_commit("accounts.tasks.send_notifications")


def _addresses(user: User | None, phone: str | None, email: str | None) -> dict[str, str]:
    """Where each channel reaches this person; an empty address means the one on the account."""
    found = {}
    if user is not None:
        found["site"] = ""
    if phone:
        found["sms"] = phones.normalise(phone)
    elif user is not None and user.phone_fingerprint:
        found["sms"] = ""
    if email:
        found["email"] = email
    return found


def _row(channel: str, user: User | None, address: str, key: str, words: dict[str, str]) -> Notification:
    sealed = seals.seal(address, context=f"notification:{key}") if address else None
    now_there = channel == Channel.SITE
    return Notification(
        user=user,
        channel=channel,
        address_sealed=sealed,
        dedupe_key=key,
        state=State.SENT if now_there else State.QUEUED,
        sent_at=Now() if now_there else None,
        **words,
    )


def send_due(batch: int = 200) -> int:
    """Send up to ``batch`` waiting notifications; return how many went out. Safe in any number of workers at once."""
    sent = claimed = 0
    while claimed < batch:
        rows = _claim(min(CLAIM, batch - claimed))
        if not rows:
            break
        claimed += len(rows)
        sent += sum(_send(row) for row in rows)
    return sent


@transaction.atomic
def _claim(size: int) -> list[Notification]:
    due = Notification.objects.due().select_for_update(skip_locked=True, of=("self",))
    ids = [row.pk for row in due.order_by("not_before", "pk")[:size]]
    claimed = Notification.objects.filter(pk__in=ids)
    claimed.filter(attempts__gte=MOST_TRIES).update(state=State.FAILED, lease_until=None, last_error="worker lost")
    claimed.exclude(state=State.FAILED).update(
        state=State.SENDING, lease_until=Now() + LEASE, attempts=F("attempts") + 1
    )
    return list(claimed.filter(state=State.SENDING).select_related("user").order_by("not_before", "pk"))


def _send(row: Notification) -> bool:
    try:
        _hand_over(row)
    except (sms.SmsFailed, smtplib.SMTPException, OSError) as error:
        _put_off(row, error)
        return False
    return _settle(row, state=State.SENT, sent_at=Now(), last_error="")


def _hand_over(row: Notification) -> None:
    address = row.address
    if not address:
        raise sms.SmsFailed("no address", permanent=True)
    if row.channel == Channel.EMAIL:
        send_mail(row.subject, _letter(row), None, [address])
        return
    sms.send(address, f"{row.subject} {row.body}".strip(), demo=row.user is not None and row.user.is_demo)


def _letter(row: Notification) -> str:
    address = f"{settings.PUBLIC_URL.rstrip('/')}{row.link}" if row.link and settings.PUBLIC_URL else ""
    return f"{row.body}\n\n{address}".strip()


def _put_off(row: Notification, error: Exception) -> None:
    """Try again later, twice as late each time; a vain or the last try fails the row. Logs ids and codes only."""
    code = error.code if isinstance(error, sms.SmsFailed) else type(error).__name__
    log.warning("notification not sent: id=%s channel=%s try=%s code=%s", row.pk, row.channel, row.attempts, code)
    if getattr(error, "permanent", False) or row.attempts >= MOST_TRIES:
        _settle(row, state=State.FAILED, last_error=code)
        return
    wait = min(FIRST_WAIT * 2 ** (row.attempts - 1), LONGEST_WAIT)
    _settle(row, state=State.QUEUED, not_before=Now() + wait, last_error=code)


def _settle(row: Notification, **changes: object) -> bool:
    mine = Notification.objects.filter(pk=row.pk, state=State.SENDING, attempts=row.attempts)
    return bool(mine.update(lease_until=None, **changes))
