"""The public pages and the desk, as every role: what opens, what is shown, what is refused, how many statements."""

import pytest
from django.test import Client
from django.utils import timezone, translation

from annual_projects import services, thread
from annual_projects.models import Candidate, CandidateVoice
from annual_projects.queries.delivery import delivery
from annual_projects.queries.editions import backing
from annual_projects.shuffle import shuffled
from suggestions import services as suggestions
from tests import factories
from tests.annual_projects import worlds
from tests.pages import page_of

PEOPLE = ("citizen", "officer", "leader", "triage", "admin", "auditor", "pollster")
DESK = "/desk/annual/2027/"


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


# --- who gets in --------------------------------------------------------------------------------------------------

MATRIX = {
    "": {"officer", "leader", "triage", "admin", "auditor"},
    "demand/": {"triage", "admin"},
    "candidates/": {"triage", "admin"},
    "freeze/": {"officer", "leader", "triage", "admin", "auditor"},
    "projects/": {"officer", "leader", "triage", "admin", "auditor"},
    "plan/": {"admin"},
    "../new/": {"admin"},
    "../": {"officer", "leader", "triage", "admin", "auditor"},
}


@pytest.mark.parametrize("path", MATRIX)
def test_the_desk_opens_by_the_policy_table(client, city, path):
    worlds.edition(city)
    address = f"{DESK}{path}".replace("2027/../", "")
    assert client.get(address).status_code == 302
    for who in PEOPLE:
        status = signed_in(getattr(city, who)).get(address).status_code
        assert status == (200 if who in MATRIX[path] else 403), who


POSTS = {
    "advance/": {"admin"},
    "freeze/propose/": {"triage", "admin"},
    "demand/candidate/": {"triage", "admin"},
}


@pytest.mark.parametrize("path", POSTS)
def test_posts_open_by_the_policy_table_and_by_nothing_else(city, path):
    worlds.edition(city)
    for who in PEOPLE:
        status = signed_in(getattr(city, who)).post(f"{DESK}{path}").status_code
        assert status == (303 if who in POSTS[path] else 403), who
    assert signed_in(city.admin).get(f"{DESK}{path}").status_code == 405


@pytest.mark.parametrize("phase", list(worlds.PHASES))
def test_every_public_page_opens_in_every_phase(client, city, phase):
    made = worlds.edition(city, phase)
    shown = ["/annual/", "/annual/2027/", *(one.get_absolute_url() for one in made.candidates.public()[:1])]
    shown += [project.get_absolute_url() for project in made.projects.select_related("edition", "candidate")[:1]]
    for address in shown:
        assert client.get(address).status_code == 200, address
    assert str(made) == "2027年公安惠民十件实事"
    assert str(made) in page_of(client.get("/annual/2027/"))


def test_an_edition_that_has_not_begun_is_for_the_desk(client, city):
    plan = worlds.plan()
    ahead = worlds.Plan(**{**plan.__dict__, "collecting_from": plan.reviewing_from - worlds.timedelta(hours=1)})
    services.create_edition(2029, ahead, by=city.admin)
    assert client.get("/annual/2029/").status_code == 404
    assert signed_in(city.citizen).get("/annual/2029/").status_code == 404
    assert signed_in(city.admin).get("/annual/2029/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/annual/2031/",
        "/annual/2027/candidates/none/",
        "/annual/2027/projects/none/",
        "/annual/2027/projects/none/photos/1/",
    ],
)
def test_what_does_not_exist_is_404(client, city, address):
    worlds.edition(city)
    assert client.get(address).status_code == 404


def test_an_empty_house_says_what_to_do(client, city):
    assert "/suggestions/new/" in page_of(client.get("/annual/"))
    assert "还没有设立任何一年" in page_of(signed_in(city.admin).get("/desk/annual/"))


# --- what is shown ------------------------------------------------------------------------------------------------


def test_the_case_shows_counts_and_only_what_is_published_anyway(client, backed):
    page = page_of(client.get(backed.made.get_absolute_url()))
    assert "占行政管理类求助" in page
    assert "100.0%" in page
    assert f"/suggestions/{backed.shown.number}/" in page
    assert backed.hidden.number not in page
    assert "孩子的户口" not in page


def test_a_case_taken_off_the_board_is_gone_from_there_too(client, backed):
    suggestions.unpublish(backed.shown, by=backed.triage, reason="写了门牌号。")
    page = page_of(client.get(backed.made.get_absolute_url()))
    assert backed.shown.number not in page
    assert CandidateVoice.objects.count() == 3


def test_a_proposal_nobody_looked_at_is_seen_by_its_author_alone(client, city):
    made = worlds.candidate(city, worlds.edition(city), user=city.citizen)
    address = made.get_absolute_url()
    assert client.get(address).status_code == 404
    assert signed_in(factories.citizen()).get(address).status_code == 404
    own = page_of(signed_in(city.citizen).get(address))
    assert "撤回我的提名" in own
    assert made.title not in page_of(client.get("/annual/2027/"))
    assert made.title in page_of(signed_in(city.citizen).get("/annual/2027/"))


def test_nobody_learns_who_proposed_it(client, city):
    author = factories.citizen()
    author.display_name = "沈某某"
    author.save()
    made = worlds.candidate(city, worlds.edition(city), "under_review", user=author)
    assert "沈某某" not in page_of(client.get(made.get_absolute_url()))
    assert "沈某某" not in page_of(signed_in(city.triage).get(f"{DESK}candidates/{made.slug}/"))


def test_every_reader_has_an_order_of_their_own_and_keeps_it(city):
    made = worlds.edition(city, "voting", n=9)
    titles = [one.title for one in made.candidates.on_the_ballot()]

    def order(client):
        page = page_of(client.get("/annual/2027/"))
        return sorted(titles, key=page.index)

    readers = [Client() for _ in range(6)]
    first = [order(reader) for reader in readers]
    assert [order(reader) for reader in readers] == first
    assert len({tuple(one) for one in first}) > 3


def test_the_shuffle_favours_no_place():
    firsts = [shuffled(range(10), seed=f"user:{n}", year=2027)[0] for n in range(2_000)]
    assert all(140 < firsts.count(one) < 260 for one in range(10))


def test_the_project_page_goes_all_the_way_round(client, city):
    made = worlds.edition(city, "archived")
    project = made.projects.first()
    page = page_of(client.get(project.get_absolute_url()))
    for words in ("成为2027年候选项目", "得票第 1 名", "900 票", "已办成", "82,000", "由群众打分"):
        assert words in page, words


# --- what is sent -------------------------------------------------------------------------------------------------

IDEA = {"title": "周六也开窗口", "text": "上班的人请假太难。", "idempotency_key": "form-1"}


def test_a_citizen_proposes_and_lands_on_the_proposal(city):
    worlds.edition(city)
    client = signed_in(city.citizen)
    sent = client.post("/annual/2027/nominate/", IDEA)
    assert sent.status_code == 303
    assert IDEA["title"] in page_of(client.get(sent.url))
    assert client.post("/annual/2027/nominate/", IDEA).url == sent.url
    assert Candidate.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("text", "\x00"),
        ("title", "长" * 61),
        ("category", "none"),
        ("area", "9" * 12),
        ("organisation", "长" * 81),
    ],
)
def test_what_was_typed_is_kept_when_it_is_wrong(city, field, value):
    worlds.edition(city)
    sent = signed_in(city.citizen).post("/annual/2027/nominate/", IDEA | {field: value})
    assert sent.status_code == 422
    kept = IDEA["text"] if field == "title" else IDEA["title"]
    assert kept in page_of(sent)
    assert not Candidate.objects.exists()


def test_outside_its_time_the_page_says_so(city):
    worlds.edition(city, "voting")
    client = signed_in(city.citizen)
    assert "现在不是征集时间" in page_of(client.get("/annual/2027/nominate/"))
    assert client.post("/annual/2027/nominate/", IDEA).status_code == 409


def test_joining_counts_and_a_second_time_is_said(city):
    made = worlds.candidate(city, worlds.edition(city), "under_review")
    client, address = signed_in(city.citizen), f"{made.get_absolute_url()}join/"
    assert client.post(address, {"text": "我也想。", "idempotency_key": "j1"}).status_code == 303
    again = client.post(address, {"text": "再来。", "idempotency_key": "j2"})
    assert again.status_code == 422
    assert "您已经提过这一件" in page_of(again)


def test_an_admin_reviews_and_is_told_what_is_missing(city):
    made = worlds.candidate(city, worlds.edition(city))
    client, address = signed_in(city.admin), f"{DESK}candidates/{made.slug}/"
    assert client.post(f"{address}take_up/").status_code == 303
    refused = client.post(f"{address}review/", {"verdict": "accept", "reasons": "能办。"})
    assert refused.status_code == 422
    assert "能办。" in page_of(refused)
    assert "投票的人要看这一项" in page_of(refused)
    said = {
        "title": made.title, "summary": "一句话。", "outcome": "好了。", "slug": "better", "target": "10",
        "target_unit": "个", "lead_unit": city.yuehe.pk, "category": "noise", "area": "330502",
    }  # fmt: skip
    moved = client.post(f"{address}describe/", said)
    assert moved.url == f"{DESK}candidates/better/"
    done = client.post(f"{moved.url}review/", {"verdict": "accept", "reasons": "能办。", "cost": "100"})
    assert done.status_code == 303
    assert Candidate.objects.get().state == "accepted"


def test_a_verb_that_is_not_theirs_is_403(city):
    made = worlds.candidate(city, worlds.edition(city), "under_review")
    sent = signed_in(city.triage).post(
        f"{DESK}candidates/{made.slug}/review/", {"verdict": "reject", "reasons": "办不了。"}
    )
    assert sent.status_code == 403


def test_an_admin_sets_up_a_year(city):
    client = signed_in(city.admin)
    plan = worlds.plan()
    said = {name: timezone.localtime(getattr(plan, name)).strftime("%Y-%m-%dT%H:%M") for name in worlds.STARTS.values()}
    said |= {"year": "2030", "choose_min": "10", "choose_max": "10", "winners": "10", "who_may_vote": "verified"}
    wrong = client.post("/desk/annual/new/", said | {"notice_from": said["collecting_from"]})
    assert wrong.status_code == 422
    assert "要晚于前一个阶段" in page_of(wrong)
    assert client.post("/desk/annual/new/", said).url == "/desk/annual/2030/"


def test_two_admins_freeze_and_a_third_form_is_stale(city):
    made = worlds.edition(city, "reviewing")
    first, second = signed_in(city.admin), signed_in(city.admin2)
    first.post(f"{DESK}freeze/propose/")
    assert "提交的人不能确认" in page_of(first.get(f"{DESK}freeze/"))
    digest = worlds.fresh(made).freeze_digest
    assert digest in page_of(second.get(f"{DESK}freeze/"))
    assert first.post(f"{DESK}freeze/confirm/", {"seen": digest}).status_code == 403
    second.post(f"{DESK}freeze/confirm/", {"seen": "old"})
    assert not worlds.fresh(made).is_frozen
    second.post(f"{DESK}freeze/confirm/", {"seen": digest})
    assert worlds.fresh(made).is_frozen
    assert "confirm" not in page_of(second.get(f"{DESK}freeze/"))


def test_the_desk_of_a_project_takes_what_happened(city):
    project = worlds.edition(city, "delivering").projects.select_related("candidate").first()
    client, address = signed_in(city.leader), f"{DESK}projects/{project.candidate.slug}/"
    sent = {
        "milestone": {"title": "装好一半", "unit": city.yuehe.pk, "due_on": "2030-01-01"},
        "report": {"text": "开工了。"},
        "measure": {"title": "办法", "document_number": "演1号", "issued_on": "2026-01-05"},
        "beneficiaries": {"month": "2026-05", "definition": "用过的人", "number": "12", "source": "平台"},
    }
    for verb, said in sent.items():
        assert client.post(f"{address}{verb}/", said).status_code == 303, verb
        wrong = client.post(f"{address}{verb}/", dict.fromkeys(said, ""))
        assert wrong.status_code == 422, verb
    step = project.milestones.get()
    done = client.post(f"{address}steps/{step.pk}/finish/", {"done_on": timezone.localdate().isoformat()})
    assert done.status_code == 303
    assert signed_in(city.chaoyang_leader).post(f"{address}report/", sent["report"]).status_code == 403
    page = page_of(client.get(project.get_absolute_url()))
    assert "开工了。" in page
    assert "用过的人" in page
    assert "装好一半：已完成" in page


def test_a_project_has_won_on_the_day_of_its_result(city):
    project = worlds.edition(city, "delivering").projects.select_related("candidate__edition", "edition").first()
    nodes = thread.project_nodes(project, backing(project.candidate), delivery(project))
    [vote] = [node for node in nodes if node.kind == "vote"]
    assert vote.at == project.created_at != project.edition.voting_closes


@pytest.mark.parametrize(
    "query",
    [
        {"starts": "x"}, {"starts": "2026-02-01", "ends": "2026-01-01"}, {"starts": "0001-01-01", "ends": "9999-12-31"},
        {"category": "\x00"}, {"area": "9" * 12}, {"topic": "none"}, {"words": "%"}, {"words": "长" * 500},
        {"words": "\x00"},
    ],
)  # fmt: skip
def test_nonsense_in_the_address_breaks_no_board(city, query):
    worlds.edition(city)
    assert signed_in(city.triage).get(f"{DESK}demand/", query).status_code == 200


def test_one_click_on_the_board_makes_a_candidate(backed):
    client = signed_in(backed.triage)
    board = page_of(client.get(f"{DESK}demand/"))
    assert "户籍迁移" in board
    made = client.post(f"{DESK}demand/candidate/", {"category": "household"})
    assert made.url == f"{DESK}candidates/household-1/"
    assert "100.0%" in page_of(client.get(made.url))
    assert f'href="{made.url}"' in page_of(client.get(f"{DESK}demand/"))
    again = client.post(f"{DESK}demand/candidate/", {"topic": "household-moves"})
    assert again.url == f"{DESK}candidates/household-moves-1/", "there is one already"
