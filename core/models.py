"""What the house itself must remember: the audit ledger, the outbox, heartbeats and the corrected calendar."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.times import written_now

NEVER_EMPTIED = pgtrigger.Trigger(
    name="never_emptied",
    operation=pgtrigger.Truncate,
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    func="RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME USING ERRCODE = 'check_violation';",
)
NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)
NEVER_CHANGED = pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)
KEEP = [NEVER_DELETED, NEVER_EMPTIED]
APPEND_ONLY = [NEVER_CHANGED, *KEEP]  # bound in raw SQL too (P12)


class AuditEntry(models.Model):
    """Who did what to which object, and why. Ids and codes only: no personal data ever enters the ledger."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=64)  # "user:12" or "system"
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id"]),
            models.Index(fields=["actor", "-at"]),
            models.Index(fields=["action", "-at"]),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
        ]
        triggers = [*APPEND_ONLY, written_now("at")]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.action} {self.object_type}:{self.object_id}"


class AuditLink(models.Model):
    """One link of the hash chain over the ledger: sha256(previous hash, newline, the entry's canonical line)."""

    seq = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [*APPEND_ONLY, written_now("sealed_at")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"


class OutboxEvent(models.Model):
    """Something a lower room tells the higher ones, written in the transaction in which it happened."""

    topic = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(delivered_at__isnull=True), name="outbox_undelivered")
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.payload}"

    @property
    def ids(self) -> dict[str, Any]:
        return dict(self.payload)


class Heartbeat(models.Model):
    """When something that must keep ticking ticked last; health turns red three minutes after the last one."""

    name = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class IdempotentCall(models.Model):
    """An API call that was done under a key, and its answer, sealed, to give again to who retries (P1)."""

    key = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body_sealed = models.BinaryField()
    at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return self.key[:12]


class CalendarDay(models.Model):
    """A correction to the national calendar, for a year that is not announced yet or a local order."""

    date = models.DateField(_("date"), unique=True)
    is_workday = models.BooleanField(_("is a working day"))
    note = models.CharField(_("note"), max_length=100, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        ordering = ["date"]
        verbose_name = _("calendar correction")
        verbose_name_plural = _("calendar corrections")

    def __str__(self) -> str:
        return str(self.date)
