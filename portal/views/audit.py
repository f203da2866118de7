"""The audit ledger at the desk: read by who answers for it, taken along by auditors."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core import audit, policy
from core.fields import CleanText
from core.pages import private_response
from core.policy import Scope
from core.text import ascii_digits
from portal.audit_words import GROUPS
from portal.queries import audit as entries


def _actions() -> list[Any]:
    """Every act under its group, and each group as a whole."""
    groups = [
        (name, [(key, format_lazy("{} · {}", name, _("all"))), *acts.items()]) for key, (name, acts) in GROUPS.items()
    ]
    return [("", _("Everything")), *groups]


class LedgerForm(forms.Form):
    """What to look for. A value that makes no sense is as good as none."""

    action = forms.ChoiceField(label=_("What was done"), required=False, choices=_actions)
    person = CleanText(
        label=_("Badge number"), required=False, max_length=40, widget=forms.TextInput({"inputmode": "numeric"})
    )
    object = CleanText(label=_("Number of a case"), required=False, max_length=100)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.full_clean()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        typed = {name: ascii_digits(found[name]).strip() for name in ("person", "object") if name in found}
        return found | typed


@require_safe
@private_response
def ledger(request: HttpRequest) -> HttpResponse:
    """A page of the ledger, newest first: all of it for an auditor, for a leader what their own staff did."""
    form = LedgerForm(request.GET)
    wanted = form.wanted
    page = entries.entries(request.user, wanted, request.GET.get("cursor"))
    context = {
        "form": form,
        "filtered": bool(wanted),
        "page": page,
        "lines": entries.lines(request.user, page.items),
        "reads_all": Scope.ALL in policy.scopes(request.user, "read", "audit"),
        "may_take": policy.can(request.user, "take", "audit"),
    }
    return render(request, "portal/audit.html", context)


@require_POST
@private_response
def file(request: HttpRequest) -> StreamingHttpResponse:
    """The sealed ledger as ``tools/verify_audit.py`` reads it, streamed; a POST, for taking it is an entry itself."""
    lines = audit.hand_out(by=request.user)
    response = StreamingHttpResponse(
        (f"{line}\n" for line in lines), content_type="application/x-ndjson; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit.jsonl"'
    return response
