"""The desk's pages: who may open what, reading by two, settling, the close; nothing of a person stays on the screen."""

import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from core.policy import Role
from directory.models import Membership
from tests import factories
from tests.pages import page_of
from tests.voting.conftest import end, id_number, vote
from tests.voting.test_paper import hand_out, read_by_two
from voting import paper, services
from voting.models import Ballot, EligibleVoter, KeyedSheet, PaperSheet, Poll, RollEntry

DESK = "/desk/voting/2027/"


@pytest.fixture
def sheets(city, poll):
    return services.issue(poll, unit=city.yuehe, count=10, by=city.triage)


@pytest.fixture
def batch(city, poll, sheets):
    hand_out(poll, city.officer, 3)
    return services.open_batch(poll, unit=city.yuehe, declared=3, by=city.officer)


def page(client, user, path=""):
    client.force_login(user)
    return client.get(DESK + path)


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("", {"officer", "triage", "admin", "auditor"}),
        ("roll/", {"admin"}),
        ("paper/", {"officer", "triage", "admin", "auditor"}),
        ("stubs/", {"officer", "triage"}),
        ("batches/", {"officer", "triage", "admin", "auditor"}),
        ("batches/1/", {"officer", "triage", "admin"}),
    ],
)
def test_who_opens_which_page(client, city, batch, path, may):
    people = ("officer", "triage", "admin", "auditor", "leader", "pollster", "citizen")
    opened = {name for name in people if page(client, getattr(city, name), path).status_code == 200}
    assert opened == may


def test_the_desk_leads_to_the_newest_vote(client, city, poll):
    client.force_login(city.admin)
    assert client.get("/desk/voting/").url == DESK
    assert client.get("/desk/voting/1999/").status_code == 404


def test_without_a_vote_the_desk_says_so(client, city):
    client.force_login(city.admin)
    assert "还没有投票" in page_of(client.get("/desk/voting/"))


# --- stubs --------------------------------------------------------------------------------------------------------


def write_stub(client, city, number):
    return client.post(f"{DESK}stubs/", {"unit": city.yuehe.pk, "voter": number})


def test_a_stub_is_written_and_the_number_is_not_shown_again(client, city, poll, sheets):
    client.force_login(city.officer)
    response = write_stub(client, city, id_number(5))
    assert response.status_code == 200
    assert "请发给他一张票" in page_of(response)
    assert id_number(5) not in page_of(response)
    response = write_stub(client, city, id_number(5))
    assert response.status_code == 409
    assert "领过纸质票" in page_of(response)
    assert id_number(5) not in page_of(response)


def test_a_mistyped_number_is_told_and_gone(client, city, poll):
    client.force_login(city.officer)
    response = write_stub(client, city, id_number(5)[:-1] + "Y")
    assert response.status_code == 422
    assert id_number(5)[:-1] not in page_of(response)
    assert not RollEntry.objects.exists()


def test_who_wrote_how_many_stubs_stands_on_the_page_of_paper_and_nothing_of_whom(client, city, poll, sheets):
    hand_out(poll, city.officer, 3)
    for watcher in (city.auditor, city.admin):
        text = page_of(page(client, watcher, "paper/"))
        assert "谁发出了选票" in text
        assert f"{city.officer}</td>" in text
        assert not any(entry.fingerprint[:8] in text for entry in RollEntry.objects.all())


def test_a_clerk_writes_stubs_at_the_pace_of_a_window_and_no_faster(client, city, poll):
    services.issue(poll, unit=city.yuehe, count=40, by=city.triage)
    client.force_login(city.officer)
    given = [write_stub(client, city, id_number(number)).status_code for number in range(1, 33)]
    assert (given.count(200), given[30:]) == (30, [429, 429])
    assert RollEntry.objects.count() == 30
    client.force_login(city.officer2)
    assert write_stub(client, city, id_number(33)).status_code == 200


def test_without_a_sheet_no_stub_is_written_and_the_page_says_what_to_do(client, city, poll):
    client.force_login(city.officer)
    response = write_stub(client, city, id_number(5))
    assert response.status_code == 409
    assert "选票已经发完了" in page_of(response)
    assert not RollEntry.objects.exists()


def test_a_clerk_of_two_units_says_where_and_stays_there(client, city, poll, sheets):
    Membership.objects.create(user=city.officer, role=Role.OFFICER, unit=city.chaoyang, starts=timezone.now())
    client.force_login(city.officer)
    assert '<select name="unit"' in page_of(client.get(f"{DESK}stubs/"))
    assert f'value="{city.yuehe.pk}" selected' in page_of(write_stub(client, city, id_number(5)))
    response = client.post(f"{DESK}stubs/", {"unit": city.lianshi.pk, "voter": id_number(6)})
    assert response.status_code == 422


# --- sheets -------------------------------------------------------------------------------------------------------


def test_sheets_are_issued_printed_and_balanced(client, city, poll):
    client.force_login(city.triage)
    response = client.post(f"{DESK}paper/", {"unit": city.yuehe.pk, "count": "3", "issue": "1"})
    assert response.status_code == 303
    assert PaperSheet.objects.count() == 3
    printed = client.get(f"{DESK}paper/{city.yuehe.code}/1.pdf")
    reader = PdfReader(io.BytesIO(printed.content))
    assert len(reader.pages) == 3
    text = [sheet.extract_text() for sheet in reader.pages]
    for serial in PaperSheet.objects.values_list("serial", flat=True):
        assert sum(paper.spaced(serial) in one for one in text) == 1
    assert all("票选表" in one and "正好选 3 项" in one for one in text)
    assert client.get(f"{DESK}paper/{city.yuehe.code}/2.pdf").status_code == 404
    assert client.get(f"{DESK}paper/nowhere/1.pdf").status_code == 404


@pytest.mark.parametrize("count", ["0", "-1", "2001", "x", ""])
def test_a_wrong_number_of_sheets_is_told(client, city, poll, count):
    client.force_login(city.triage)
    response = client.post(f"{DESK}paper/", {"unit": city.yuehe.pk, "count": count, "issue": "1"})
    assert response.status_code == 422
    assert not PaperSheet.objects.exists()


def test_a_sheet_is_put_down_as_spoiled(client, city, poll, sheets):
    client.force_login(city.officer)
    form = {"serial": sheets[0].serial, "reason": "填错", "spoil": "1"}
    assert client.post(f"{DESK}paper/", form).status_code == 303
    assert client.post(f"{DESK}paper/", form).status_code == 409
    assert client.post(f"{DESK}paper/", form | {"serial": "nonsense"}).status_code == 422
    assert PaperSheet.objects.get(pk=sheets[0].pk).state == "spoiled"


# --- reading by keyboard ------------------------------------------------------------------------------------------


def act(client, user, verb, batch=1, **data):
    client.force_login(user)
    return client.post(f"{DESK}batches/{batch}/{verb}/", data)


def test_a_batch_goes_from_the_box_to_the_count(client, city, poll, sheets):
    hand_out(poll, city.officer, 2)
    client.force_login(city.officer)
    made = client.post(f"{DESK}batches/", {"unit": city.yuehe.pk, "declared": "2"})
    assert made.url == f"{DESK}batches/1/"
    for clerk, second in ((city.officer, "acf"), (city.officer2, "a c g")):
        assert act(client, clerk, "begin").status_code == 303
        assert act(client, clerk, "key", serial=sheets[0].serial, choices="1 2 3").status_code == 303
        assert act(client, clerk, "key", serial=sheets[1].serial, choices=second, age_band="3").status_code == 303
        assert act(client, clerk, "finish").status_code == 303
    text = page_of(page(client, city.triage, "batches/1/"))
    assert paper.spaced(sheets[1].serial) in text
    assert paper.spaced(sheets[0].serial) not in text
    assert act(client, city.officer, "settle", serial=sheets[1].serial, choices="acf").status_code == 403
    elsewhere = page_of(page(client, city.chaoyang_officer, "batches/1/"))
    assert paper.spaced(sheets[1].serial) not in elsewhere, "another station sees no ballot"
    assert "/settle/" not in elsewhere
    wrong = act(client, city.triage, "settle", serial=sheets[1].serial, choices="ABZ!!")
    assert (wrong.status_code, 'value="ABZ!!"' in page_of(wrong)) == (422, True)
    assert act(client, city.triage, "settle", serial=sheets[1].serial, choices="acf").status_code == 303
    assert act(client, city.triage, "close").status_code == 403
    assert act(client, city.admin, "close").status_code == 303
    assert sorted(ballot.choices for ballot in Ballot.objects.all()) == [(1, 2, 3), (1, 3, 6)]


@pytest.mark.parametrize(
    ("choices", "status", "says"),
    [
        ("", 422, "空白票输入 0"),
        ("az", 422, "“Z”"),
        ("aa", 422, "“A”"),
        ("99", 422, "“99”"),
        ("0", 303, ""),
        ("？", 303, ""),
        ("/", 303, ""),
        ("#", 303, ""),
        ("ab", 303, ""),
        ("abcd", 303, ""),
    ],
)
def test_what_a_clerk_types(client, city, batch, sheets, choices, status, says):
    act(client, city.officer, "begin")
    response = act(client, city.officer, "key", serial=sheets[0].serial, choices=choices)
    assert response.status_code == status
    assert KeyedSheet.objects.count() == (status == 303)
    if says:
        text = page_of(response)
        assert says in text
        assert sheets[0].serial in text
    else:
        assert KeyedSheet.objects.get().fault != ""


def test_a_wrong_serial_keeps_what_was_typed(client, city, batch):
    act(client, city.officer, "begin")
    response = act(client, city.officer, "key", serial=paper.new_serial(), choices="abc")
    text = page_of(response)
    assert response.status_code == 422
    assert "没有发过这个编号" in text
    assert 'value="abc"' in text


def test_with_htmx_only_the_keying_is_drawn(client, city, batch, sheets):
    act(client, city.officer, "begin")
    form = {"serial": sheets[0].serial, "choices": "abc"}
    response = client.post(f"{DESK}batches/1/key/", form, headers={"hx-request": "true"})
    text = page_of(response)
    assert response.status_code == 200
    assert text.strip().startswith('<div id="keying"')
    assert re.search(r"<b>1</b> / 3", text)


def test_the_second_clerk_sees_nothing_of_the_first(client, city, batch, sheets):
    act(client, city.officer, "begin")
    act(client, city.officer, "key", serial=sheets[0].serial, choices="abc")
    act(client, city.officer2, "begin")
    assert paper.spaced(sheets[0].serial) not in page_of(page(client, city.officer2, "batches/1/"))
    assert paper.spaced(sheets[0].serial) in page_of(page(client, city.officer, "batches/1/"))


def test_a_line_is_taken_back_and_a_short_reading_is_not_finished(client, city, batch, sheets):
    act(client, city.officer, "begin")
    act(client, city.officer, "key", serial=sheets[0].serial, choices="abc")
    assert act(client, city.officer, "remove", serial=sheets[0].serial).status_code == 303
    response = act(client, city.officer, "finish")
    assert response.status_code == 422
    assert "您录了 0 张" in page_of(response)
    assert act(client, city.triage, "count", declared="1", reason="数错了").status_code == 303
    assert act(client, city.triage, "count", declared="0", reason="").status_code == 422


def test_verbs_and_batches_that_do_not_exist(client, city, batch):
    assert act(client, city.officer, "explode").status_code == 404
    assert act(client, city.officer, "begin", batch=99).status_code == 404
    client.force_login(city.officer)
    assert client.get(f"{DESK}batches/1/begin/").status_code == 405


# --- the roll, the close ------------------------------------------------------------------------------------------


def test_a_roll_file_is_taken_at_the_desk_or_shown_by_line(client, city, poll):
    client.force_login(city.admin)

    def send(text):
        file = io.BytesIO(text.encode())
        file.name = "roll.csv"
        return client.post(f"{DESK}roll/", {"file": file})

    bad = send(f"fingerprint\n{'a' * 64}\nxyz\n")
    assert bad.status_code == 422
    assert "64 位" in page_of(bad)
    good = send(f"fingerprint\n{'a' * 64}\n")
    assert good.status_code == 200
    assert EligibleVoter.objects.count() == 1
    assert send(f"fingerprint\n{'a' * 64}\n").status_code == 422
    assert client.post(f"{DESK}roll/", {}).status_code == 422
    large = send("fingerprint\n" + "".join(f"{number:064x}\n" for number in range(40_000)))
    assert large.status_code == 200
    assert EligibleVoter.objects.count() == 40_001


def test_the_admin_completes_the_count_and_publishes(client, city, poll, sheets, batch):
    vote(poll)
    services.close_batch(read_by_two(batch, city, sheets), by=city.admin)
    end(poll)
    client.force_login(city.admin)
    assert "还有 7 张票没有下落" in page_of(client.get(DESK))
    assert client.post(f"{DESK}close/").status_code == 409
    response = client.post(f"{DESK}paper/", {"unreturned": city.yuehe.code})
    assert response.status_code == 303
    client.post(f"{DESK}close/")
    assert Poll.objects.get().closed_at is not None
    assert "公布结果" in page_of(client.get(DESK))
    client.post(f"{DESK}publish/")
    assert client.get("/annual/2027/result/").status_code == 200
    assert client.post(f"{DESK}publish/").status_code == 409


@pytest.mark.parametrize("role", [Role.OFFICER, Role.TRIAGE, Role.LEADER])
def test_nobody_else_closes(client, city, poll, role):
    client.force_login(factories.staff(role, city.yuehe))
    for name in ("desk_close", "desk_publish"):
        assert client.post(reverse(f"voting:{name}", args=[2027])).status_code == 403


@pytest.mark.parametrize("path", ["", "roll/", "paper/", "batches/", "batches/1/"])
def test_pages_take_a_fixed_number_of_statements(client, city, batch, django_assert_max_num_queries, path):
    for _ in range(6):
        services.open_batch(batch.edition.poll, unit=city.yuehe, declared=2, by=city.officer)
    client.force_login(city.admin)
    with django_assert_max_num_queries(14):
        assert client.get(DESK + path).status_code == 200
