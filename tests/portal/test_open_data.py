"""Open files: published words only, streamed, safe in a spreadsheet; and the seals that a stranger can check."""

import csv
import io
import subprocess
import sys

import pytest

from core import audit
from suggestions import services
from tests import factories
from tests.pages import page_of


def rows(response):
    assert response.streaming
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode().lstrip("\ufeff"))))


def test_answers_hold_the_published_words(client, city):
    case = factories.case(city, "replied", body="小区太吵,请打我电话13912345678。", user=city.citizen)
    (row,) = rows(client.get("/open/data/answers.csv"))
    assert (row["number"], row["category"], row["area"], row["unit"]) == (
        case.number,
        "noise",
        "330502001",
        "wuxing-yuehe",
    )
    assert row["text"] == "小区太吵,请打我电话***********。"
    assert "劝导舞队" in row["answer"]
    assert len(row["received"]) == len("2026-11-24")


def test_what_is_not_public_is_in_no_file(client, city):
    factories.case(city, "replied", publish=False)
    factories.case(city, "replied", subjects=[(city.chaoyang, None)])
    services.withdraw(factories.case(city, "accepted"))
    assert rows(client.get("/open/data/answers.csv")) == []


def test_an_open_case_has_no_answer_yet(client, city):
    factories.case(city, "accepted")
    (row,) = rows(client.get("/open/data/answers.csv"))
    assert (row["answer"], row["answered"]) == ("", "")


def test_a_spreadsheet_runs_nothing(client, city):
    factories.case(city, "replied", body='=HYPERLINK("http://evil.example","看这里")', title="=1+1")
    (row,) = rows(client.get("/open/data/answers.csv"))
    assert row["text"].startswith("'=")
    assert row["title"].startswith("'=")


def test_units_have_their_public_telephone_and_no_officer(client, city):
    text = b"".join(client.get("/open/data/units.csv").streaming_content).decode()
    assert "wuxing-yuehe" in text
    assert city.officer.username not in text


def test_answers_take_a_fixed_number_of_statements(client, city, django_assert_num_queries):
    for n in range(3):
        factories.answer(city, factories.case(city, "assigned", body=f"第{n}件事,音响太吵。"))
    with django_assert_num_queries(2):
        rows(client.get("/open/data/answers.csv"))


def test_the_dictionary_explains_every_file(client, city):
    page = page_of(client.get("/open/data/"))
    for name in ("answers.csv", "figures.csv", "units.csv", "areas.csv", "heads.csv", "verify_audit.py"):
        assert name in page


def test_a_stranger_can_check_the_published_seals(client, city, tmp_path):
    factories.case(city, "replied")
    audit.seal()
    ledger, heads, tool = tmp_path / "audit.jsonl", tmp_path / "heads.csv", tmp_path / "verify_audit.py"
    tool.write_bytes(client.get("/open/tools/verify_audit.py").content)
    ledger.write_text("".join(f"{line}\n" for line in audit.lines()), encoding="utf-8")
    heads.write_bytes(b"".join(client.get("/open/audit/heads.csv").streaming_content))
    assert check(tool, ledger, heads) == 0
    ledger.write_text(
        ledger.read_text(encoding="utf-8").replace("system", "nobody", 1).replace("user:", "user:9", 1),
        encoding="utf-8",
    )
    assert check(tool, ledger, heads) == 1


@pytest.mark.parametrize("name", ["../manage.py", "settings.py", "verify_audit", "__pycache__"])
def test_only_the_programs_of_strangers_are_given_away(client, db, name):
    assert client.get(f"/open/tools/{name}").status_code == 404


def check(tool, ledger, heads):
    return subprocess.run([sys.executable, "-I", "-S", tool, ledger, heads], capture_output=True).returncode
