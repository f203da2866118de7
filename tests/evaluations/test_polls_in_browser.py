"""From a signed file to an open figure, in a real browser: pollster, admin, a second person, a citizen."""

import csv
import io
import subprocess
import sys
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from evaluations import services
from evaluations.models import Flag, Response, SigningKey
from tests.browser import DESKTOP, JOURNEY, PHONE, objections
from tests.evaluations import polls
from tests.evaluations.test_importing import HEAD, KEY, sign

pytestmark = JOURNEY
TOO_FAST = (11, 52, 93)  # interviews of two minutes, which are flagged


def file_of(wave, count=300):
    """The interviews of a wave as its pollster would write them."""
    officers = list(wave.subjects.filter(peer_group="community_officer-station").order_by("code"))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    for n in range(count):
        minutes = 2 if n in TOO_FAST else 9 + n % 7
        good = 4 if n % 10 < 4 + n % len(officers) else 2
        cells = {
            "reference": f"R{n}", "area": ("330502", "330503")[n % 5 >= 3], "age_sex": sorted(polls.AGE_SEX)[n % 4],
            "interviewer": f"i{n % 20}", "mode": "phone", "started_at": f"2026-05-{1 + n // 20:02d} 09:00",
            "ended_at": f"2026-05-{1 + n // 20:02d} 09:{minutes:02d}", "subject": officers[n % len(officers)].code,
            "attitude": good, "rude": 6 - good, "content": good, "know": good, "foil": 1, "safe": 5,
        }  # fmt: skip
        writer.writerow([cells.get(name, "") for name in HEAD])
    return buffer.getvalue().encode()


@pytest.fixture
def story(city, tmp_path):
    """A wave in the field, with a right and a wrong file of its interviews and their signatures."""
    wave = polls.make_wave(city, state="fielding")
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    right = file_of(wave)
    wrong = right.replace(b"R7,330502", b"R7,999999", 1).replace(b",phone,2026", b",fax,2026", 1)
    for name, content in (("right.csv", right), ("wrong.csv", wrong)):
        (tmp_path / name).write_bytes(content)
    return SimpleNamespace(city=city, wave=wave, signatures={"right.csv": sign(right), "wrong.csv": sign(wrong)})


def hand_in(page, story, file):
    page.goto(f"/desk/evaluations/{story.wave.code}/hand-in/")
    page.set_input_files("input[name=file]", file)
    page.fill("input[name=key]", KEY)
    page.fill("textarea[name=signature]", story.signatures[file.name])
    page.locator("main form button[type=submit]:not([name])").first.click()


def decide_on_flags(page, wave):
    """One flag is true, another is dismissed, each with a reason; the calls to make stand below."""
    before = Flag.objects.filter(response__wave=wave, state="open").count()
    page.goto(f"/desk/evaluations/{wave.code}/review/")
    expect(page.locator("#calls .row")).to_have_count(25)
    for answer, note in (("1", "电话里承认没有问完。"), ("0", "回访过，确实问完了。")):
        flag = page.locator("form[action*='/flags/']").first
        address = flag.get_attribute("action")
        flag.locator("input[name=note]").fill(note)
        flag.locator(f"button[value='{answer}']").click()
        expect(page.locator(f"form[action='{address}']")).to_have_count(0)
    assert objections(page) == []
    decided = Flag.objects.filter(response__wave=wave).exclude(state="open")
    assert sorted(decided.values_list("state", flat=True)) == ["dismissed", "upheld"]
    assert Flag.objects.filter(response__wave=wave, state="open").count() == before - 2


def test_a_wave_from_the_pollster_to_the_citizen(story, open_as, tmp_path):
    city, wave = story.city, story.wave
    here = f"/desk/evaluations/{wave.code}/"

    page = open_as(city.pollster, PHONE)
    hand_in(page, story, tmp_path / "wrong.csv")
    expect(page.locator("#faults tbody tr")).to_have_count(2)
    assert not Response.objects.exists()
    hand_in(page, story, tmp_path / "right.csv")
    page.wait_for_url(f"**{here}")
    assert Response.objects.count() == 300

    def step(page, name):
        page.goto(here)
        if name in ("close", "freeze", "publish"):  # for good, so it is asked first
            page.once("dialog", lambda dialog: dialog.accept())
        page.locator(f"form[action$='/steps/{name}/'] button").click()
        expect(page.locator(f"form[action$='/steps/{name}/']")).to_have_count(0)

    admin = open_as(city.admin, DESKTOP)
    for name in ("close", "check"):
        step(admin, name)
    decide_on_flags(admin, wave)
    for name in ("weight", "score"):
        step(admin, name)
    plain = open_as(city.admin, PHONE, java_script_enabled=False)
    plain.goto(here)
    expect(plain.locator("#progress")).not_to_be_empty()
    services.work_on(wave.pk)  # the worker's part
    plain.reload()
    expect(plain.locator("form[action$='/steps/freeze/']")).to_have_count(1)
    step(admin, "freeze")
    step(open_as(city.admin2, DESKTOP), "publish")

    citizen = open_as(None, PHONE)
    published = f"/open/polls/{wave.code}"
    for address in (f"{published}/inputs.csv", f"{published}/scores.csv", "/open/tools/rescore.pyz"):
        got = citizen.request.get(address)
        assert got.status == 200
        (tmp_path / address.rsplit("/", 1)[1]).write_bytes(got.body())
    alone = [sys.executable, "-I", "rescore.pyz", "inputs.csv", "scores.csv"]
    done = subprocess.run(alone, capture_output=True, cwd=tmp_path, env={}, check=False)
    assert done.stdout.startswith(b"AGREES")
