"""The pages of promotion and accountability: who sees what, what is refused and why, how many statements it takes."""

import pytest
from django.urls import reverse

from evaluations import services
from evaluations.models import AccountabilityCase, PromotionDecision
from tests import factories
from tests.evaluations import judged
from tests.pages import page_of
from tests.suggestions.statements import statements


def address(name, *args):
    return reverse(f"evaluations:{name}", args=args)


def text(response):
    return page_of(response)


# --- promotion ----------------------------------------------------------------------------------------------------


def test_a_leader_looks_up_their_own_and_nobody_elses(client, city):
    judged.gated(city, 90)
    officer, other = city.officer.officer, city.chaoyang_officer.officer
    client.force_login(city.leader)
    page = text(client.get(address("desk_promotions"), {"who": officer.badge_number}))
    assert address("desk_promotion", officer.pk) in page
    assert address("desk_promotion", other.pk) not in text(
        client.get(address("desk_promotions"), {"who": other.badge_number})
    )
    assert client.get(address("desk_promotion", other.pk)).status_code == 404


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_who_reaches_all_finds_everybody(client, city, who):
    judged.gated(city, 90)
    client.force_login(getattr(city, who))
    for officer in (city.officer.officer, city.chaoyang_officer.officer):
        found = text(client.get(address("desk_promotions"), {"who": officer.badge_number}))
        assert address("desk_promotion", officer.pk) in found
        assert client.get(address("desk_promotion", officer.pk)).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("officer", 200), ("triage", 200), ("pollster", 403), ("citizen", 403)])
def test_who_finds_the_page(client, city, who, status):
    client.force_login(getattr(city, who))
    assert client.get(address("desk_promotions")).status_code == status


def test_without_the_gate_there_is_a_reason_and_no_button(client, city):
    judged.gated(city, 70)
    client.force_login(city.leader)
    here = address("desk_promotion", city.officer.officer.pk)
    page = text(client.get(here))
    assert "76.67" in page
    assert 'name="to_position"' not in page
    refused = client.post(here, {"year": 2025, "to_position": "副所长"})
    assert refused.status_code == 409
    assert "76.67" in text(refused)
    assert 'value="副所长"' in text(refused)
    assert not PromotionDecision.objects.exists()


def test_an_officer_without_any_appraisal_is_refused_as_well(client, city):
    client.force_login(city.leader)
    here = address("desk_promotion", city.officer.officer.pk)
    assert client.get(here).status_code == 200
    assert client.post(here, {"year": 2025, "to_position": "副所长"}).status_code == 409


def test_the_recognised_is_promoted_once(client, city):
    judged.gated(city, 90)
    client.force_login(city.leader)
    here = address("desk_promotion", city.officer.officer.pk)
    assert 'name="to_position"' in text(client.get(here))
    assert client.post(here, {"year": 2025, "to_position": ""}).status_code == 422
    assert client.post(here, {"year": "二", "to_position": "副所长"}).status_code == 422
    assert client.post(here, {"year": 2025, "to_position": "副所长"}).status_code == 303
    assert client.post(here, {"year": 2025, "to_position": "所长"}).status_code == 409
    assert "副所长" in text(client.get(here))
    assert "副所长" in text(client.get(address("desk_promotions")))


def test_officers_read_their_own_gate_and_decide_nothing(client, city):
    gate = judged.gated(city, 90, officer=city.leader.officer)
    client.force_login(city.leader)
    here = address("desk_promotion", gate.officer.pk)
    page = text(client.get(here))
    assert "90.00" in page
    assert 'name="to_position"' not in page
    assert client.post(here, {"year": 2025, "to_position": "局长"}).status_code == 403
    client.force_login(city.officer)
    assert client.get(address("desk_promotion", city.officer.officer.pk)).status_code == 200
    assert client.get(here).status_code == 404


def test_an_admin_records_the_gates_by_a_button(client, city):
    run = judged.make_run(city, {city.officer.officer: (90, 90, 90)})
    client.force_login(city.admin)
    assert address("desk_record_gates", run.pk) in text(client.get(address("desk_promotions")))
    assert client.post(address("desk_record_gates", run.pk)).status_code == 303
    assert city.officer.officer.gates.get().passed
    assert address("desk_record_gates", run.pk) not in text(client.get(address("desk_promotions")))
    client.force_login(city.leader)
    assert client.post(address("desk_record_gates", run.pk)).status_code == 403


def test_promotion_pages_take_as_many_statements_for_many(client, city):
    people = [factories.staff(factories.Role.OFFICER, city.yuehe, name="沈一") for _n in range(8)]
    services.record_gates(judged.make_run(city, {one.officer: (90, 90, 90) for one in people}))
    services.promote(people[0].officer, year=2025, to_position="副所长", by=city.leader)
    client.force_login(city.leader)
    index, here = f"{address('desk_promotions')}?who=沈一", address("desk_promotion", people[0].officer.pk)
    before = statements(client, index), statements(client, here)
    for one in people[1:]:
        services.promote(one.officer, year=2025, to_position="副所长", by=city.leader)
    assert (statements(client, index), statements(client, here)) == before


# --- accountability -----------------------------------------------------------------------------------------------


def test_an_inspector_brings_a_finding_to_a_public_answer(client, city):
    key = judged.late_replies(city)
    client.force_login(city.inspector)
    page = text(client.get(address("desk_findings")))
    assert key in page
    made = client.post(address("desk_findings"), {"key": key})
    case = AccountabilityCase.objects.get()
    assert made["Location"] == address("desk_accountability_case", case.number)
    assert key not in text(client.get(address("desk_findings")))
    assert client.post(address("desk_findings"), {"key": key}).status_code == 409
    for verb, field, state in (("open", "reasons", "opened"), ("hear", "record", "heard"),
                               ("decide", "outcome", "decided"), ("answer", "answer", "answered")):  # fmt: skip
        here = address("desk_accountability_case", case.number)
        assert address("desk_accountability_act", case.number, verb) in text(client.get(here))
        act = address("desk_accountability_act", case.number, verb)
        assert client.post(act, {field: " "}).status_code == 422
        assert client.post(act, {field: "三件答复逾期。"}).status_code == 303
        case.refresh_from_db()
        assert case.state == state
    client.logout()
    public = text(client.get(address("public_answers")))
    assert case.number in public
    assert "三件答复逾期。" in public
    assert city.yuehe.name in public
    assert city.officer.officer.badge_number not in public


def test_a_refused_step_keeps_what_was_typed(client, city):
    case = services.hear(judged.opened(city), record="承认。", by=city.inspector)
    client.force_login(city.inspector)
    named = f"警号{city.officer.officer.badge_number}书面检查。"
    refused = client.post(address("desk_accountability_act", case.number, "decide"), {"outcome": named})
    assert refused.status_code == 422
    assert named in text(refused)
    late = client.post(address("desk_accountability_act", case.number, "open"), {"reasons": "再立一次。"})
    assert late.status_code == 409


def test_a_low_rank_alone_is_offered_no_case(client, city):
    judged.publish(city, judged.make_signal(city, officer=city.officer.officer))
    client.force_login(city.inspector)
    badge = city.officer.officer.badge_number
    assert client.get(address("desk_inquiry_by_rank")).status_code == 200
    assert client.post(address("desk_inquiry_by_rank"), {"officer": "999999", "facts": "低。"}).status_code == 422
    assert client.post(address("desk_inquiry_by_rank"), {"officer": badge, "facts": "排名低。"}).status_code == 303
    case = AccountabilityCase.objects.get()
    page = text(client.get(address("desk_accountability_case", case.number)))
    assert address("desk_accountability_act", case.number, "open") not in page
    assert address("desk_accountability_act", case.number, "drop") in page
    opened = client.post(address("desk_accountability_act", case.number, "open"), {"reasons": "太低。"})
    assert opened.status_code == 409


def test_who_is_conflicted_finds_nothing_and_who_is_concerned_their_own(client, city):
    case = judged.opened(city)
    number = case.evidence["rows"][0]["number"]
    here, speak = (
        address("desk_accountability_case", case.number),
        address("desk_accountability_act", case.number, "speak"),
    )
    for user in (city.leader, city.officer2, city.chaoyang_leader, city.pollster):
        client.force_login(user)
        assert client.get(here).status_code in (403, 404)
        assert client.post(speak, {"statement": "不是我。"}).status_code in (403, 404)
        assert case.number not in text(client.get(address("desk_accountability")))
    client.force_login(city.officer)
    assert case.number in text(client.get(address("desk_accountability")))
    case.steps.create(to_state="opened", by=city.inspector, text=f"见 {number}。")
    own = text(client.get(here))
    assert 'name="statement"' in own
    assert number not in own
    assert client.post(speak, {"statement": "那一周停电。"}).status_code == 303
    for verb, field in (("hear", "record"), ("drop", "reasons")):
        refused = client.post(address("desk_accountability_act", case.number, verb), {field: "没事。"})
        assert refused.status_code == 403
    client.force_login(city.inspector)
    assert "那一周停电。" in text(client.get(here))
    assert number in text(client.get(here))


def test_command_and_auditor_read_and_change_nothing(client, city):
    case = judged.opened(city)
    for user in (city.sub_leader, city.auditor):
        client.force_login(user)
        page = text(client.get(address("desk_accountability_case", case.number)))
        assert "/drop/" not in page
        drop = client.post(address("desk_accountability_act", case.number, "drop"), {"reasons": "没事。"})
        assert drop.status_code == 403
    client.force_login(city.sub_leader)
    assert client.get(address("desk_findings")).status_code == 404
    assert client.get(address("desk_inquiry_by_rank")).status_code == 404


def test_folders(client, city):
    case = services.drop(judged.opened(city), reasons="不成立。", by=city.inspector)
    client.force_login(city.inspector)
    here = address("desk_accountability")
    assert case.number not in text(client.get(here))
    assert case.number not in text(client.get(f"{here}?folder=late"))
    assert case.number in text(client.get(f"{here}?folder=over"))
    assert client.get(f"{here}?folder=%00&cursor=x").status_code == 200


def test_an_officer_of_whom_nothing_is_said_reads_that(client, city):
    client.force_login(city.officer2)
    page = client.get(address("desk_accountability"))
    assert 'class="empty"' in text(page)
    assert 'class="tabs"' not in text(page)


def test_empty_pages_say_so(client, city):
    client.force_login(city.inspector)
    for name in ("desk_accountability", "desk_findings", "desk_promotions", "public_answers"):
        page = client.get(address(name))
        assert page.status_code == 200
        assert 'class="empty"' in text(page)


def test_accountability_pages_take_as_many_statements_for_many(client, city):
    judged.signal_twice(city)
    made = judged.opened(city)
    judged.signal_twice(city, city.officer2.officer, codes=("2025-3", "2025-4"))
    services.open_inquiry(judged.late_replies(city, handler=False), by=city.inspector)
    client.force_login(city.inspector)
    pages = [
        address("desk_accountability"), address("desk_findings"),
        address("desk_accountability_case", made.number), address("public_answers"),
    ]  # fmt: skip
    before = [statements(client, one) for one in pages]
    for n in range(4):
        person = factories.staff(factories.Role.OFFICER, city.chaoyang).officer
        judged.signal_twice(city, person, codes=(f"202{n}-5", f"202{n}-6"), year=2020 + n)
        key = judged.signal_twice(city, person, codes=(f"201{n}-5", f"201{n}-6"), year=2010 + n)
        case = services.open_inquiry(key.replace(":2025:", f":{2010 + n}:"), by=city.inspector)
        services.speak(made, statement=f"再说一次 {n}。", by=city.officer)
        case = services.open_case(case, reasons="属实。", by=city.inspector)
        case = services.hear(case, record="承认。", by=city.inspector)
        case = services.decide(case, outcome="检查。", by=city.inspector)
        services.answer_in_public(case, answer="已检查。", by=city.inspector)
    assert [statements(client, one) for one in pages] == before


def test_what_does_not_exist_is_not_found(client, city):
    client.force_login(city.inspector)
    assert client.get(address("desk_accountability_case", "A2026-99999")).status_code == 404
    case = judged.opened(city)
    assert client.post(address("desk_accountability_act", case.number, "pardon")).status_code == 404
    assert client.get(address("desk_accountability_act", case.number, "drop")).status_code == 405
    assert client.post(address("desk_findings"), {"key": "late:o1:2026' OR 1=1 --"}).status_code == 409
