"""What the portal may do with the house's own tables, and with those of Django."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from core.database_roles import ALL, declare
from core.models import AuditEntry, AuditLink, CalendarDay, Heartbeat, IdempotentCall, OutboxEvent

declare(AuditEntry)
declare(AuditLink)
declare(OutboxEvent, changes="due_at delivered_at attempts last_error", stands="id topic payload created_at")
declare(Heartbeat, changes="at", stands="name")
declare(IdempotentCall, deletes=True)
declare(CalendarDay, changes=ALL, deletes=True)

declare(LogEntry)
declare(Session, changes=ALL, deletes=True)
declare(ContentType, inserts=False)
declare(Permission, inserts=False)
declare(Group, inserts=False)
declare(Group.permissions.through, inserts=False)
