"""Words that anybody may read only when somebody has read them for that (P23)."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReadBeforeShown(models.Model):
    """Who read the public words, when, and since when they are shown; read and not shown means kept back."""

    published_at = models.DateTimeField(_("published at"), null=True)
    public_read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    public_read_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


def published_means_read(name: str, *words: str, **also: str) -> models.CheckConstraint:
    """Nothing is shown without words, and without the person and the moment of their reading."""
    read = Q(public_read_by__isnull=False, public_read_at__isnull=False, **also)
    for field in words:
        read &= ~Q(**{field: ""})
    return models.CheckConstraint(condition=Q(published_at__isnull=True) | read, name=name)


def published_words_are_read(*words: str) -> pgtrigger.Trigger:
    """Words are shown, and shown words are changed, together with a new reading only: an old one was of other words."""
    changed = " OR ".join(f"NEW.{field} IS DISTINCT FROM OLD.{field}" for field in words)
    return pgtrigger.Trigger(
        name="published_words_are_read",
        operation=pgtrigger.UpdateOf("published_at", *words),
        when=pgtrigger.Before,
        func=f"""
            IF NEW.published_at IS NOT NULL AND (OLD.published_at IS NULL OR {changed})
               AND NEW.public_read_at IS NOT DISTINCT FROM OLD.public_read_at
            THEN
                RAISE EXCEPTION 'words are published by who has just read them'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )
