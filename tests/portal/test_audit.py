"""The audit ledger at the desk: whose acts stand there for whom, and the file that a stranger's program checks."""

import re
import subprocess
import sys
from datetime import timedelta

import pgtrigger
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.services import citizen_with_phone
from core import audit
from core.models import AuditEntry
from core.policy import Role
from directory.models import Membership
from portal.audit_words import ALL, GROUPS
from portal.queries import audit as ledger
from suggestions import services
from suggestions.models import Suggestion
from suggestions.models.case import SuggestionQuerySet
from tests import factories
from tests.annual_projects import worlds
from tests.evaluations import judged
from tests.pages import page_of
from tests.suggestions.statements import statements

LEDGER, FILE = "/desk/audit/", "/desk/audit/audit.jsonl"
REASON = "需要电话联系投诉人核实时间和地点。"


def as_(user, language="zh-hans") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    if user is not None:
        client.force_login(user)
    return client


def shown(user, **wanted):
    """What stands on the page for this person, as (who, act, object)."""
    response = as_(user).get(LEDGER, wanted)
    assert response.status_code == 200
    return [(line.entry.actor, line.entry.action, line.about.name) for line in response.context["lines"]]


def actor(user) -> str:
    return f"user:{user.pk}"


# --- whose acts stand there for whom ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["citizen", "officer", "triage", "admin", "pollster"])
def test_others_read_no_ledger_and_take_none(city, who):
    client = as_(getattr(city, who))
    assert client.get(LEDGER).status_code == 403
    assert client.post(FILE).status_code == 403


def test_nobody_reads_it_without_signing_in(city):
    assert as_(None).get(LEDGER).status_code == 302


def test_an_auditor_reads_everything_and_a_leader_what_their_own_staff_did(city):
    case = factories.case(city, "replied")
    other = factories.case(city, "assigned", unit=city.chaoyang)
    services.note(other, by=city.chaoyang_officer, text="已联系物业。")
    everybody = {one for one, _act, _about in shown(city.auditor)}
    assert everybody == {"system", *map(actor, (city.triage, city.officer, city.leader, city.chaoyang_officer))}
    own = shown(city.leader)
    assert {one for one, _act, _about in own} == {actor(city.officer), actor(city.leader)}
    assert (actor(city.officer), "suggestion.drafted", case.number) in own
    assert {one for one, _act, _about in shown(city.sub_leader)} == everybody - {"system", actor(city.triage)}


def test_what_somebody_did_elsewhere_is_not_their_new_leaders(city):
    factories.case(city, "replied")
    held = Membership.objects.get(user=city.officer)
    Membership.objects.filter(pk=held.pk).update(ends=timezone.now())
    Membership.objects.create(user=city.officer, role=Role.OFFICER, unit=city.chaoyang)
    assert shown(city.chaoyang_leader) == []
    assert actor(city.officer) in {one for one, _act, _about in shown(city.leader)}


def complained_of(city) -> Suggestion:
    """A case that the people of Yuehe worked on before it turned out to complain of them."""
    case = factories.case(city, "assigned")
    services.take(case, by=city.officer)
    services.name_subject(case, by=city.triage, unit=city.yuehe)
    return case


def test_a_leader_reads_nothing_of_a_case_that_complains_of_them(city):
    case = complained_of(city)
    assert shown(city.leader) == []
    assert shown(city.leader, object=case.number) == []
    assert (actor(city.officer), "suggestion.assigned", case.number) in shown(city.sub_leader)


def test_without_the_rule_they_would(city, monkeypatch):
    case = complained_of(city)
    monkeypatch.setattr(SuggestionQuerySet, "complaining_of", lambda cases, user: cases.none())
    assert case.number in {about for _one, _act, about in shown(city.leader)}


def test_nor_of_a_case_that_calls_their_unit_to_account(city):
    case = judged.opened(city)
    audit.record("accountability.moved", case, by=city.officer2)
    moved = {"action": "accountability.moved", "person": city.officer2.username}
    assert shown(city.leader, **moved) == []
    assert [about for _one, _act, about in shown(city.sub_leader, **moved)] == [case.number]


def test_a_leader_reads_neither_accounts_nor_openings(city):
    case = factories.case(city, contact_name="李秀英", contact_phone="19900007788")
    services.request_opening(case, by=city.triage, reason=REASON)
    audit.record("accounts.verified", city.triage, by=city.triage)
    leader = factories.staff(Role.LEADER, city.desk, position="chief")
    services.accept(case, by=city.triage)
    assert {act for _one, act, _about in shown(leader)} == {"suggestion.accepted"}


def test_an_auditor_reads_why_an_identity_was_opened_and_who_agreed(city):
    case = factories.case(city, contact_name="李秀英", contact_phone="19900007788", subjects=[(city.yuehe, None)])
    opening = services.request_opening(case, by=city.triage, reason=REASON)
    services.approve_opening(opening, by=city.admin)
    opened = services.open_identity(opening, by=city.triage)
    response = as_(city.auditor).get(LEDGER, {"action": "identity", "object": case.number})
    lines = response.context["lines"]
    assert [line.entry.action for line in lines] == ["identity.opened", "identity.approved", "identity.requested"]
    for line in lines:
        assert (line.opening.reason, line.about.name) == (REASON, case.number)
        assert city.triage.username in line.opening.asked_by
        assert city.admin.username in line.opening.approved_by
    assert opened.name not in page_of(response)
    assert opened.phone[-4:] not in page_of(response)


def test_a_citizen_has_no_name_there(city):
    joined = citizen_with_phone("19900000007")
    joined.display_name = "李秀英"
    joined.save()
    audit.record("accounts.verified", joined, by=joined)
    page = page_of(as_(city.auditor).get(LEDGER, {"action": "accounts.verified"}))
    assert "完成了实名认证" in page
    assert "群众" in page
    assert not {name for name in ("李秀英", joined.username, "19900000007") if name in page}


# --- finding ----------------------------------------------------------------------------------------------------------


def test_it_is_found_by_act_person_object_and_day(city):
    first, second = factories.case(city, "replied"), factories.case(city, "accepted")
    assert {act for _one, act, _about in shown(city.auditor, action="suggestion.accepted")} == {"suggestion.accepted"}
    assert {act.split(".")[0] for _one, act, _about in shown(city.auditor, action="cases")} == {"suggestion"}
    assert {one for one, _act, _about in shown(city.auditor, person=city.officer.username)} == {actor(city.officer)}
    assert {about for _one, _act, about in shown(city.auditor, object=second.number)} == {second.number}
    same = shown(city.auditor, object=f"suggestions.suggestion:{first.pk}")
    assert {about for _one, _act, about in same} == {first.number}
    today = timezone.localdate()
    assert len(shown(city.auditor, day=today.isoformat())) == AuditEntry.objects.count()
    assert shown(city.auditor, day=(today - timedelta(days=1)).isoformat()) == []
    assert shown(city.auditor, person=city.citizen.username) == []


@pytest.mark.parametrize(
    "query", ["action=none", "day=yesterday", "cursor=x", "object=%00", "object=x:y", "person=%00"]
)
def test_what_makes_no_sense_breaks_nothing(city, query):
    factories.case(city)
    assert as_(city.auditor).get(f"{LEDGER}?{query}").status_code == 200


def test_an_object_is_a_link_where_its_reader_may_open_it(city):
    cases = [factories.case(city, "assigned") for _n in range(10)]
    links = {line.about.name: line.about.url for line in as_(city.auditor).get(LEDGER).context["lines"]}
    for case in cases:
        assert links[case.number] == (case.get_absolute_url() if case.pk % 10 == 0 else "")
    audit.record("edition.created", worlds.edition(city), by=city.admin)
    line = as_(city.auditor).get(LEDGER, {"action": "edition.created"}).context["lines"][0]
    assert line.about.name == "2027"
    assert as_(city.auditor).get(line.about.url).status_code == 200


def test_newest_first_in_pages(city):
    for step in range(100):
        audit.record("tests.done", city.officer, by=city.officer, step=step)
    client, cursor, read = as_(city.auditor), "", []
    while cursor is not None:
        page = client.get(LEDGER, {"cursor": cursor, "action": ""}).context["page"]
        read += [entry.pk for entry in page.items]
        cursor = page.older
    assert read == sorted(AuditEntry.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("who", ["auditor", "leader"])
def test_a_page_takes_as_many_statements_however_long(city, who):
    factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788")
    client = as_(getattr(city, who))
    few = statements(client, LEDGER)
    for _n in range(5):
        case = factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788")
    assert statements(client, LEDGER) == few
    services.request_opening(case, by=city.triage, reason=REASON)
    assert statements(client, LEDGER) <= few + 1


def test_an_empty_ledger_and_an_empty_search_say_so(city):
    assert "还没有记录" in page_of(as_(city.auditor).get(LEDGER))
    assert "清除筛选" in page_of(as_(city.auditor).get(LEDGER, {"action": "audit.taken"}))


def test_it_speaks_english(city):
    factories.case(city, "assigned")
    page = page_of(as_(city.auditor, "en").get(LEDGER))
    assert "Audit ledger" in page
    assert "A voice arrived" in page
    assert "the portal" in page


def test_every_act_that_is_recorded_has_words():
    recorded = set()
    for path in settings.BASE_DIR.glob("*/**/*.py"):
        if "tests" not in path.parts and ".venv" not in path.parts:
            recorded |= set(re.findall(r'audit\.record\(\s*"([^"]+)"', path.read_text()))
    assert len(recorded) > 70
    assert {act for act in recorded if act not in ALL} == set()
    assert len(ALL) == sum(len(words) for _name, words in GROUPS.values())


# --- the file ---------------------------------------------------------------------------------------------------------


def checked(folder) -> subprocess.CompletedProcess:
    tool = settings.BASE_DIR / "tools" / "verify_audit.py"
    files = [folder / "audit.jsonl", folder / "heads.csv"]
    return subprocess.run([sys.executable, tool, *files], capture_output=True, text=True, check=False)


def taken(city, folder):
    """The seals as anybody fetches them, then the ledger as the auditor does."""
    heads = as_(None).get("/open/audit/heads.csv")
    (folder / "heads.csv").write_bytes(b"".join(heads.streaming_content))
    response = as_(city.auditor).post(FILE)
    assert (response.status_code, response["Content-Disposition"]) == (200, 'attachment; filename="audit.jsonl"')
    (folder / "audit.jsonl").write_bytes(b"".join(response.streaming_content))
    return folder


def test_an_auditor_takes_the_ledger_along_and_a_strangers_program_checks_it(city, tmp_path):
    factories.case(city, "replied")
    audit.seal()
    sealed = AuditEntry.objects.count()
    result = checked(taken(city, tmp_path))
    assert (result.returncode, result.stdout.strip()) == (0, f"{sealed} entries, 0 faults")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor, entry.data) == ("audit.taken", actor(city.auditor), {"lines": sealed})


def test_and_finds_it_when_a_line_was_changed(city, tmp_path):
    factories.case(city, "replied")
    audit.seal()
    heads = b"".join(as_(None).get("/open/audit/heads.csv").streaming_content)
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditentry SET reason = 'nothing' WHERE id = (SELECT min(id) FROM core_auditentry)")
    taken(city, tmp_path)
    (tmp_path / "heads.csv").write_bytes(heads)
    assert checked(tmp_path).returncode == 1


def test_the_file_is_taken_by_auditors_alone_and_never_by_a_mere_link(city):
    assert as_(city.leader).post(FILE).status_code == 403
    assert as_(city.auditor).get(FILE).status_code == 405
    assert not AuditEntry.objects.filter(action="audit.taken").exists()
    assert FILE not in page_of(as_(city.leader).get(LEDGER))
    assert FILE in page_of(as_(city.auditor).get(LEDGER))


def test_nobody_else_is_handed_it_by_the_service_either(city):
    with pytest.raises(Exception, match=r"permission|权限"):
        audit.hand_out(by=city.leader)
    assert ledger.readable_by(city.officer).count() == 0
