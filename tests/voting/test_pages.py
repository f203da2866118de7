"""The voter's and the public's pages: choosing, giving, checking, the result, the files; and what goes wrong."""

import html
import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pgtrigger
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from annual_projects.states import Phase
from core.day_words import daytime
from directory.models import Unit
from tests.pages import page_of
from tests.voting.conftest import end, make_edition, move, vote, voter
from tests.voting.test_paper import hand_out
from tools import watch
from voting import services
from voting.models import Ballot, Head, RollEntry
from voting.paper import Sheet
from voting.proofs.merkle import leaf_hash, verify_inclusion
from voting.services import sealing
from voting.states import Fault
from voting.views import pages
from voting.views.pages import COOKIE

TOOLS = Path(__file__).resolve().parents[2] / "tools"
VOTE, RECEIPT, RESULT, PROOFS = (f"/annual/2027/{page}/" for page in ("vote", "receipt", "result", "proofs"))


@pytest.fixture
def citizen(client, poll):
    """Somebody verified, signed in."""
    person = voter()
    client.force_login(person)
    return person


def ticket_of(response) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', page_of(response))[1]


def give(client, choices=(1, 2, 3), **more):
    """Open the form, look at the choice, give it."""
    ticket = ticket_of(client.get(VOTE))
    seen = client.post(VOTE, {"choices": choices, "ticket": ticket, "step": "review"})
    assert seen.status_code == 200
    return client.post(VOTE, {"choices": choices, "ticket": ticket_of(seen), "step": "cast", **more})


def opened(response, user):
    """The receipt that an answer brings, for this account."""
    asking = SimpleNamespace(COOKIES={COOKIE: response.cookies[COOKIE].value}, user=user)
    return pages.handed_over(asking, 2027)


# --- choosing and giving ------------------------------------------------------------------------------------------


def test_a_visitor_signs_in_first_and_comes_back(client, poll):
    response = client.get(VOTE)
    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={VOTE}"


def test_a_vote_is_chosen_looked_at_and_given(client, citizen, poll):
    response = give(client, (3, 1, 2), county="330502", age_band="3")
    assert (response.status_code, response.url) == (303, RECEIPT)
    ballot = Ballot.objects.get()
    assert (ballot.choices, ballot.county, ballot.age_band) == ((1, 2, 3), "330502", 3)
    page = page_of(client.get(RECEIPT))
    assert ballot.commitment in page.replace(" ", "")


def test_looking_at_a_choice_writes_nothing(client, citizen):
    ticket = ticket_of(client.get(VOTE))
    page = page_of(client.post(VOTE, {"choices": [1, 2, 3], "ticket": ticket}))
    assert "路口红绿灯" in page
    assert "调解进村" not in page
    assert not RollEntry.objects.exists()


def test_changing_a_choice_keeps_what_was_chosen(client, citizen):
    ticket = ticket_of(client.get(VOTE))
    page = page_of(client.post(VOTE, {"choices": [1, 2, 12], "ticket": ticket, "step": "change"}))
    assert re.findall(r'value="(\d+)" id="choice-\d+" checked', page).sort() == ["1", "12", "2"].sort()
    assert page.count(" checked") == 3


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ([1, 2], "还要再选 1 个"),
        ([], "还要再选 3 个"),
        ([1, 2, 3, 4, 5], "请取消 2 个"),
        ([1, 1, 2], "每个项目只能选一次"),
        ([1, 2, 99], "有一项不在选票上"),
        (["x", "1", "2"], "有一项不在选票上"),
        (["-1", "1", "2"], "有一项不在选票上"),
        (["1' OR 1=1", "1", "2"], "有一项不在选票上"),
    ],
)
@pytest.mark.parametrize("step", ["review", "cast"])
def test_a_wrong_choice_is_told_and_kept(client, citizen, choices, says, step):
    ticket = ticket_of(client.get(VOTE))
    response = client.post(VOTE, {"choices": choices, "ticket": ticket, "step": step})
    assert "Choices" not in page_of(response)
    assert response.status_code == 422
    page = page_of(response)
    assert says in page
    right = {str(c) for c in choices if str(c).isdecimal() and int(c) <= 12}
    assert page.count(" checked") == len(right)
    assert not RollEntry.objects.exists()


def test_a_double_click_is_one_vote_and_the_same_receipt(client, citizen):
    ticket = ticket_of(client.get(VOTE))
    form = {"choices": [1, 2, 3], "ticket": ticket, "step": "cast"}
    first, second = client.post(VOTE, form), client.post(VOTE, form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert opened(first, citizen) == opened(second, citizen)
    assert Ballot.objects.count() == 1


def test_a_second_form_is_told_when_and_how(client, citizen):
    other = ticket_of(client.get(VOTE))
    give(client)
    response = client.post(VOTE, {"choices": [4, 5, 6], "ticket": other, "step": "cast"})
    assert response.status_code == 409
    page = page_of(response)
    assert "网上投过票" in page
    assert "路口红绿灯" not in page
    assert "您已经投过票了" in page_of(client.get(VOTE))


@pytest.mark.parametrize("ticket", ["", "forged", "a:b:c"])
def test_a_forged_form_is_refused_and_a_fresh_one_given(client, citizen, ticket):
    response = client.post(VOTE, {"choices": [1, 2, 3], "ticket": ticket, "step": "cast"})
    assert response.status_code == 422
    assert "这张表已失效" in page_of(response)
    assert ticket_of(response) != ticket
    assert not RollEntry.objects.exists()


def test_the_unverified_are_led_to_verifying(client, poll, city):
    client.force_login(city.citizen)
    response = client.get(VOTE)
    assert response.status_code == 200
    assert reverse("accounts:verify") in page_of(response)
    assert client.post(VOTE, {"choices": [1, 2, 3], "step": "cast", "ticket": "x"}).status_code == 422


def test_before_and_after_voting_the_page_says_so(client, citizen, poll):
    move(poll, voting_opens=timezone.now() + timedelta(days=1))
    assert "投票还没开始" in page_of(client.get(VOTE))
    response = client.post(VOTE, {"choices": [1, 2, 3], "step": "cast"})
    assert response.status_code == 409
    end(move(poll, voting_opens=timezone.now() - timedelta(days=1)))
    assert "投票已经结束" in page_of(client.get(VOTE))
    assert client.post(VOTE, {"choices": [1, 2, 3], "step": "cast"}).status_code == 409


def test_everybody_sees_their_own_order_and_always_the_same(client, poll):
    orders = []
    for _ in range(4):
        client.force_login(voter())
        first, again = (re.findall(r'id="choice-(\d+)"', page_of(client.get(VOTE))) for _ in range(2))
        assert first == again
        orders.append(tuple(first))
    assert len(set(orders)) == 4
    assert all(sorted(order, key=int) == [str(n) for n in range(1, 13)] for order in orders)


def test_a_year_without_a_vote(client, citizen, city):
    assert client.get("/annual/1999/vote/").status_code == 404
    assert client.get("/annual/1999/receipt/").status_code == 404
    make_edition(city, year=2028, opens=timezone.now() + timedelta(days=30), phase=Phase.PUBLIC_NOTICE)
    assert "投票还没开始" in page_of(client.get("/annual/2028/vote/"))
    assert client.get("/annual/2028/receipt/").status_code == 404


@pytest.mark.parametrize("page", [VOTE, RECEIPT, RESULT, PROOFS])
def test_pages_take_a_fixed_number_of_statements(client, citizen, django_assert_max_num_queries, page):
    for _ in range(5):
        vote_with = voter()
        vote(services.prepare(Ballot._meta.get_field("edition").related_model.objects.get()), vote_with)
    with django_assert_max_num_queries(13):
        assert client.get(page).status_code == 200


def test_giving_a_vote_takes_few_statements(client, citizen, django_assert_max_num_queries):
    ticket = ticket_of(client.get(VOTE))
    with django_assert_max_num_queries(9):  # session, user, roles, vote, and the two rows in a transaction
        client.post(VOTE, {"choices": [1, 2, 3], "ticket": ticket, "step": "cast"})


# --- the receipt --------------------------------------------------------------------------------------------------


def test_the_receipt_is_only_on_this_device_and_is_forgotten_when_asked(client, citizen):
    give(client)
    code = Ballot.objects.get().commitment
    assert code in page_of(client.get(RECEIPT)).replace(" ", "")
    assert client.get(RECEIPT)["Cache-Control"].startswith("max-age=0")
    opening = json.loads(client.get(f"{RECEIPT}private.json").content)
    assert (opening["code"], opening["choices"]) == (code, [1, 2, 3])
    client.post(RECEIPT, {"forget": "1"})
    assert code not in page_of(client.get(RECEIPT)).replace(" ", "")
    assert client.get(f"{RECEIPT}private.json").status_code == 404


SIGN_OUTS = {
    "by the button": lambda client: client.post("/accounts/logout/"),
    "by leaving": lambda client: client.post("/me/delete/", {"sure": "on"}),
    "because the time was over": lambda client: (client.cookies.pop("sessionid"), client.get("/")),
}


@pytest.mark.parametrize("sign_out", SIGN_OUTS.values(), ids=SIGN_OUTS.keys())
def test_after_sign_out_the_device_knows_nothing_of_the_vote(client, citizen, sign_out):
    give(client)
    assert client.get(f"{RECEIPT}private.json").status_code == 200
    sign_out(client)
    assert "sessionid" not in client.cookies or not client.cookies["sessionid"].value
    assert client.cookies[COOKIE].value == ""
    assert client.get(f"{RECEIPT}private.json").status_code == 404
    assert "路口红绿灯" not in page_of(client.get(RECEIPT))


def test_whoever_comes_next_cannot_open_a_receipt_that_stayed(client, citizen):
    """Even with the cookie that was to be cleared: another citizen, or nobody, finds a lock and no choice."""
    left = give(client).cookies[COOKIE].value
    client.post("/accounts/logout/")
    for _who in ("nobody", "another citizen"):
        client.cookies[COOKIE] = left
        assert client.get(f"{RECEIPT}private.json").status_code == 404
        assert Ballot.objects.get().commitment not in page_of(client.get(RECEIPT)).replace(" ", "")
        client.force_login(voter())
    client.force_login(citizen)
    client.cookies[COOKIE] = left
    assert json.loads(client.get(f"{RECEIPT}private.json").content)["choices"] == [1, 2, 3]


def test_were_it_not_sealed_for_the_account_the_next_citizen_would_read_it(client, citizen, monkeypatch):
    monkeypatch.setattr(pages, "_owner", lambda request: "receipt")
    give(client)
    client.force_login(voter())
    assert json.loads(client.get(f"{RECEIPT}private.json").content)["choices"] == [1, 2, 3]


def test_were_it_not_cleared_the_receipt_would_stay(client, citizen, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "voting.middleware.ReceiptMiddleware"]
    left = give(client)
    client.post("/accounts/logout/")
    assert client.cookies[COOKIE].value != ""
    assert opened(left, AnonymousUser()) is None


def test_no_session_remembers_the_receipt(client, citizen):
    before = dict(client.session)
    give(client)
    assert dict(client.session) == before


@pytest.mark.parametrize("value", ["", "x", "a:b:c"])
def test_a_forged_receipt_cookie_is_none(client, citizen, value):
    client.cookies[COOKIE] = value
    assert client.get(f"{RECEIPT}private.json").status_code == 404


@pytest.fixture
def sealed(poll):
    codes = [vote(poll).code for _ in range(21)]
    services.seal_batch(poll)
    return codes


@pytest.mark.parametrize("typed", [str, str.upper, lambda code: code[:16], lambda code: " ".join((code[:8], code[8:]))])
def test_anybody_checks_a_receipt_by_its_code(client, sealed, typed):
    response = client.post(RECEIPT, {"code": typed(sealed[4])})
    page = page_of(response)
    assert response.status_code == 200
    assert "已列入公开账本" in page
    proof = json.loads(re.search(r'<script id="proof" type="application/json">(.*?)</script>', page)[1])
    assert proof["code"] == sealed[4]
    assert proof["root"] == Head.objects.get().root


def test_a_proof_is_a_file_that_any_verifier_reads(client, sealed):
    response = client.post(RECEIPT, {"code": sealed[0], "as": "file"})
    assert "attachment" in response["Content-Disposition"]
    proof = json.loads(response.content)
    path = [bytes.fromhex(step) for step in proof["path"]]
    leaf = leaf_hash(bytes.fromhex(proof["code"]))
    assert verify_inclusion(leaf, proof["index"], proof["size"], path, bytes.fromhex(proof["root"]))


def test_a_ballot_that_waits_for_its_batch_is_told_so(client, poll, sealed):
    code = vote(poll).code
    head = Head.objects.get()
    early, sure = head.at + sealing.PAUSE, poll.edition.voting_closes
    page = page_of(client.post(RECEIPT, {"code": code}))
    assert "等待" in page
    assert f"下一批最早 {daytime(early)}" in page
    assert f"{daytime(sure)}投票结束时也一定进入" in page


def test_a_ballot_that_waits_for_others_alone_is_told_no_time_but_the_last(client, poll, sealed):
    with pgtrigger.ignore():
        Head.objects.update(at=F("at") - sealing.PAUSE)
    page = page_of(client.post(RECEIPT, {"code": vote(poll).code}))
    assert "最早" not in page
    assert "这张票在等凑满二十张。" in page
    assert f"{daytime(poll.edition.voting_closes)}投票结束时也一定进入" in page


def test_an_unknown_code_says_what_to_do(client, sealed):
    response = client.post(RECEIPT, {"code": "f" * 64})
    assert response.status_code == 404
    page = page_of(response)
    assert "没有这张选票" in page
    to_us = html.unescape(re.search(r'href="(/suggestions/new/[^"]+)"', page)[1])
    assert "f" * 16 not in to_us
    assert "2027年公安惠民十件实事投票，我的回执在公开账本里查不到。</textarea>" in page_of(client.get(to_us))
    assert "tel:" not in page
    Unit.objects.filter(function="inspectorate").update(phone="0572-2023456")
    assert 'href="tel:0572-2023456"' in page_of(client.post(RECEIPT, {"code": "f" * 64}))


@pytest.mark.parametrize("code", ["", "abc", "xyz" * 10, "0" * 65, "%%%%%%%%%%%%%%%%", "票" * 20])
def test_what_cannot_be_a_code_is_told(client, sealed, code):
    assert client.post(RECEIPT, {"code": code}).status_code == 422


# --- turnout, result, files ---------------------------------------------------------------------------------------


def test_turnout_is_public_and_the_tally_nobodys(client, sealed, city):
    page = page_of(client.get(RESULT))
    assert "21" in page
    assert "路口红绿灯" not in page
    for person in (city.admin, city.auditor, city.triage):
        client.force_login(person)
        assert "路口红绿灯" not in page_of(client.get(RESULT))
    for name in ("ballots.csv", "result.json"):
        assert client.get(f"{PROOFS}{name}").status_code == 404
    assert client.get(f"{RESULT}report.pdf").status_code == 404
    assert client.get(f"{RESULT}by-group.csv").status_code == 404


@pytest.fixture
def published(poll, city):
    for n in range(60):
        county = ("330502", "330503")[n % 2] if n < 50 else ""
        vote(poll, choices=(1 + n % 3, 4 + n % 4, 8 + n % 5), county=county, age_band=(n % 3 + 1) if n < 45 else None)
    poll = services.close(end(poll), by=city.admin)
    return services.publish(poll, by=city.admin)


def test_the_result_is_shown_with_shares_and_groups(client, published):
    page = page_of(client.get(RESULT))
    lines = json.loads(published.result)["candidates"]
    assert re.findall(r'<a href="/annual/2027/candidates/[^"]+">([^<]+)</a>', page) == [line["title"] for line in lines]
    assert "33.3%" in page
    assert "吴兴区" in page
    assert "Wuxing" in page_of(client.get(RESULT, headers={"accept-language": "en"}))
    assert page.count("bar--won") == 4
    parts = re.findall(r'class="share-bar__part" width="([^"]+)"', page)
    assert parts == [f"{line['share'] / 100:.1f}" for line in lines], "each bar is as long as the share beside it"


def test_paper_adds_up_on_the_page_of_the_result(client, poll, city):
    """Three people were given paper; one sheet counts, one is unclear, and one never came back."""
    sheets = services.issue(poll, unit=city.yuehe, count=3, by=city.triage)
    hand_out(poll, city.officer, 3)
    batch = services.open_batch(poll, unit=city.yuehe, declared=2, by=city.officer)
    for clerk in (city.officer, city.officer2):
        services.begin_reading(batch, by=clerk)
        for sheet, seen in zip(sheets, (Sheet((1, 2, 3)), Sheet((), Fault.UNCLEAR)), strict=False):
            services.key_sheet(batch, serial=sheet.serial, read=seen, by=clerk)
        services.finish_reading(batch, by=clerk)
    services.close_batch(batch, by=city.admin)
    services.report_unreturned(poll, unit=city.yuehe, by=city.triage)
    vote(poll)
    services.publish(services.close(end(poll), by=city.admin), by=city.admin)
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page_of(client.get(RESULT))))
    assert "共有 3 人领了纸质票。 没有计入的： 看不清选了什么 1、未收回 1" in page
    assert re.search(r"计入的选票 2 .*网上 1 纸质 1 ", page)


def test_small_groups_are_not_shown(client, published):
    page = page_of(client.get(RESULT))
    assert "少于十人" in page
    rows = client.get(f"{RESULT}by-group.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "dimension,group,ballots,candidate,title,votes,share_percent"
    votes = [int(row.split(",")[5]) for row in rows[1:] if row.split(",")[5]]
    assert votes
    assert min(votes) >= 10


def test_the_report_is_a_pdf_with_the_result(client, published):
    response = client.get(f"{RESULT}report.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    assert response["Content-Type"] == "application/pdf"
    assert "路口红绿灯" in text
    assert json.loads(published.result)["root"] in text.replace("\n", "")


def read(client, folder: Path, names) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        response = client.get(f"{PROOFS}{name}")
        assert response.status_code == 200
        (folder / name).write_bytes(b"".join(response.streaming_content))
    return folder


def test_a_stranger_counts_the_published_files_to_the_same_bytes(client, published, tmp_path):
    folder = read(client, tmp_path / "proofs", ["rules.json", "ballots.csv", "leaves.txt", "heads.jsonl"])
    done = subprocess.run([sys.executable, "-I", "-S", str(TOOLS / "recount.py"), str(folder)], capture_output=True)
    assert done.stderr == b""
    assert done.stdout == b"".join(client.get(f"{PROOFS}result.json").streaming_content)


def test_all_a_stranger_needs_stands_on_the_page_of_proofs(client, published, tmp_path):
    addresses = re.findall(rf'href="((?:{PROOFS}|/open/tools/)[^"]+)"', page_of(client.get(PROOFS)))
    files = {address.rsplit("/", 1)[1]: address for address in addresses}
    assert {"watch.py", "recount.py", "check_receipt.py"} < set(files)
    for name, address in files.items():
        response = client.get(address)
        body = response.streaming_content if response.streaming else [response.content]
        (tmp_path / name).write_bytes(b"".join(body))
    done = subprocess.run([sys.executable, "-I", "-S", "recount.py", "."], capture_output=True, cwd=tmp_path)
    assert done.stdout == (tmp_path / "result.json").read_bytes()


def test_a_stranger_watches_from_the_first_head_to_the_last(client, poll, city, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "PAUSE", timedelta(0))
    names, keep = ["rules.json", "leaves.txt", "heads.jsonl"], tmp_path / "keep.json"
    for turn in range(3):
        for _ in range(20):
            vote(poll)
        services.seal_batch(poll)
        assert watch.once(str(read(client, tmp_path / f"turn{turn}", names)), keep) == []
    assert json.loads(keep.read_text())["size"] == 60


def test_the_seal_of_the_files_is_right_from_end_to_end(client, published, tmp_path):
    folder = read(client, tmp_path / "proofs", ["rules.json", "leaves.txt", "heads.jsonl"])
    assert watch.once(str(folder), None) == []


def test_files_that_do_not_exist(client, published):
    assert client.get(f"{PROOFS}secrets.txt").status_code == 404
    assert client.get("/annual/1999/proofs/rules.json").status_code == 404


def test_proofs_before_anything_is_frozen(client, city):
    make_edition(city, year=2028, opens=timezone.now() + timedelta(days=30), phase=Phase.PUBLIC_NOTICE)
    assert client.get("/annual/2028/proofs/").status_code == 200


def test_in_english_too(client, published, city):
    client.cookies["django_language"] = "en"
    for page in (RESULT, RECEIPT, PROOFS):
        assert client.get(page).status_code == 200
    assert "Count again yourself" in page_of(client.get(RESULT))
