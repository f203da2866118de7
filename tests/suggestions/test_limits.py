"""Words that are too long are refused by their field, and never cut: by page, by program, and by the service itself."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DataError, transaction
from django.utils import translation

from core import refusals
from core.errors import Invalid
from core.said import limit, limit_of_each, required, said
from suggestions import limits, services
from suggestions.models import (
    Extension,
    FollowUp,
    IdentityOpening,
    Question,
    Rating,
    Reply,
    ReplyTemplate,
    Suggestion,
)
from tests import factories
from tests.api.conftest import api_of
from tests.suggestions.desk_help import post


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def long(most: int) -> str:
    """One character more than that; the last one would be lost if it were cut."""
    return "字" * most + "终"


def drafted(city) -> Suggestion:
    case = factories.case(city, "assigned")
    services.draft_reply(case, by=city.officer, text="您好,民警已到现场劝导舞队。")
    return case


def do(user, case, verb, **body):
    return api_of(user).post(f"/api/v1/desk/suggestions/{case.number}/{verb}/", body)


def test_a_long_reason_for_returning_a_draft_is_refused_and_nothing_is_stored(city):
    case = drafted(city)
    answer = do(city.leader, case, "return_draft", reason="改" * 900)
    assert answer.status_code == 422
    assert "500" in answer.json()["errors"]["reason"][0]
    assert case.replies.get().returned_because == ""
    assert post(city.leader, case, "return_draft", reason="改" * 900).status_code == 422
    assert do(city.leader, case, "return_draft", reason="改" * 500).status_code == 200
    assert case.replies.get().returned_because == "改" * 500


def test_a_program_declines_in_as_many_words_as_the_page(city):
    by_program, by_page = factories.case(city), factories.case(city)
    assert do(city.triage, by_program, "decline", reason=long(5000)).status_code == 422
    assert do(city.triage, by_program, "decline", reason="因" * 5000).status_code == 200
    assert post(city.triage, by_page, "decline", reason=long(5000)).status_code == 422
    assert post(city.triage, by_page, "decline", reason="因" * 5000).status_code == 303
    assert {case.replies.get().text for case in (by_program, by_page)} == {"因" * 5000}


def rated(city, **more):
    return services.rate(factories.case(city, "replied"), level=1, **more)


def _open(city):
    case = factories.case(city, contact_name="李秀英", contact_phone="19900007788")
    return services.request_opening(case, by=city.triage, reason="需要电话联系当事人核实地点。")


def _extension(city):
    return services.request_extension(factories.case(city, "assigned"), by=city.officer, days=3, reason="要等配件。")


REFUSED = [
    ("title", limit(Suggestion, "title"), lambda c, words: factories.say(c, title=words)),
    ("body", limit(Suggestion, "body"), lambda c, words: factories.say(c, body=words)),
    ("place", limit(Suggestion, "place"), lambda c, words: factories.say(c, place=words)),
    ("contact_name", 40, lambda c, words: factories.say(c, contact_name=words)),
    ("comment", limit(Rating, "comment"), lambda c, words: rated(c, comment=words)),
    ("reasons", limit_of_each(Rating, "reasons"), lambda c, words: rated(c, reasons=[words])),
    ("text", limits.ADDED, lambda c, words: services.add_information(factories.case(c), text=words)),
    ("reason", limits.REASON, lambda c, words: services.reopen(factories.case(c, "replied"), reason=words)),
    ("reason", limits.REASON, lambda c, words: services.withdraw(factories.case(c), reason=words)),
    ("text", limit(Question, "answer"), lambda c, words: services.answer(factories.case(c, "waiting"), text=words)),
    ("text", limits.NOTE, lambda c, words: services.note(factories.case(c), by=c.triage, text=words)),
    (
        "question",
        limit(Question, "text"),
        lambda c, words: services.ask(factories.case(c), by=c.triage, question=words),
    ),
    (
        "reason",
        limit(Extension, "reason"),
        lambda c, words: services.request_extension(factories.case(c, "assigned"), by=c.officer, days=3, reason=words),
    ),
    (
        "reason",
        limits.REASON,
        lambda c, words: services.decide_extension(_extension(c), by=c.leader, grant=False, reason=words),
    ),
    (
        "reason",
        limit(IdentityOpening, "reason"),
        lambda c, words: services.request_opening(_open(c).suggestion, by=c.triage, reason=words),
    ),
    ("text", limit(Reply, "text"), lambda c, words: services.draft_reply(drafted(c), by=c.officer, text=words)),
    (
        "note",
        limit(FollowUp, "note"),
        lambda c, words: services.finish_follow_up(rated(c).follow_up, by=c.leader, note=words),
    ),
    (
        "text",
        limit(ReplyTemplate, "text"),
        lambda c, words: services.save_reply_template(ReplyTemplate(title="模板", text=words), by=c.triage),
    ),
]


@pytest.mark.parametrize(("field", "most", "write"), REFUSED)
def test_a_service_refuses_by_the_field_what_is_one_character_too_long(city, field, most, write):
    with pytest.raises(Invalid) as refused, transaction.atomic():
        write(city, long(most))
    assert list(refused.value.fields) == [field]
    assert str(most) in str(refused.value.fields[field][0])


def test_more_reasons_than_there_are_to_tick_are_refused(city):
    with pytest.raises(Invalid):
        rated(city, reasons=["慢"] * 9)


def test_what_fits_is_kept_whole():
    assert said("字" * 5, "text", 5) == "字" * 5
    with pytest.raises(Invalid):
        required(" \u200b ", "text", 5)


def test_what_no_form_has_counted_is_told_and_not_a_500(city):
    case = factories.case(city)
    with pytest.raises(DataError) as error, transaction.atomic():
        Suggestion.objects.filter(pk=case.pk).update(title=long(60))
    assert refusals.domain_error(error.value).status == 422


def test_no_service_cuts_what_somebody_wrote():
    """A slice of cleaned words is a lost end."""
    rooms = [Path(room.path) for room in apps.get_app_configs() if Path(room.path).parent == settings.BASE_DIR]
    services_of = [file for room in rooms for file in room.glob("services/*.py")]
    assert len(services_of) > 30
    assert [str(file) for file in services_of if cuts(file.read_text())] == []


@pytest.mark.parametrize(
    "code",
    ["text.clean(title)[:60]", 'required(reason, "reason")[:500]', "note.strip()[:100]", "Flag(note=note[:300])"],
)
def test_a_cut_is_found(code):
    assert cuts(code)
    assert not cuts("mac[:15] + rows[:10]")


WORDS = {"reason", "note", "text", "comment", "facts", "title", "name", "to_position", "words", "place"}


def cuts(code: str) -> bool:
    return any(_is_cut(node) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Subscript))


def _is_cut(node: ast.Subscript) -> bool:
    if not isinstance(node.slice, ast.Slice) or node.slice.lower is not None:
        return False
    value = node.value
    if isinstance(value, ast.Call):
        called = value.func
        return getattr(called, "attr", getattr(called, "id", "")) in {"clean", "strip", "required", "said"}
    return isinstance(value, ast.Name) and value.id in WORDS
