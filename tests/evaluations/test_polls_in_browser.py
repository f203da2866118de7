"""From a signed file to an open figure, in a real browser: pollster, admin, a second person, a citizen."""

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from playwright.sync_api import sync_playwright

from evaluations import services
from evaluations.models import Response, SigningKey
from tests.evaluations import polls
from tests.evaluations.test_importing import HEAD, KEY, sign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
RESCORE = Path(__file__).resolve().parents[2] / "tools" / "rescore.py"


def cookie(user):
    """A session in which the user has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def file_of(wave, count=300):
    """The interviews of a wave as its pollster would write them."""
    officers = list(wave.subjects.filter(peer_group="community_officer-station").order_by("code"))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEAD)
    for n in range(count):
        good = 4 if n % 10 < 4 + n % len(officers) else 2
        cells = {
            "reference": f"R{n}", "area": ("330502", "330503")[n % 5 >= 3], "age_sex": sorted(polls.AGE_SEX)[n % 4],
            "interviewer": f"i{n % 20}", "mode": "phone", "started_at": f"2026-05-{1 + n // 20:02d} 09:00",
            "ended_at": f"2026-05-{1 + n // 20:02d} 09:{9 + n % 7:02d}", "subject": officers[n % len(officers)].code,
            "attitude": good, "rude": 6 - good, "content": good, "know": good, "foil": 1, "safe": 5,
        }  # fmt: skip
        writer.writerow([cells.get(name, "") for name in HEAD])
    return buffer.getvalue().encode()


@pytest.fixture
def story(city, tmp_path):
    """A wave in the field, a right and a wrong file, and three signed-in people; before the browser starts."""
    wave = polls.make_wave(city, state="fielding")
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    right = file_of(wave)
    wrong = right.replace(b"R7,330502", b"R7,999999", 1).replace(b",phone,2026", b",fax,2026", 1)
    for name, content in (("right.csv", right), ("wrong.csv", wrong)):
        (tmp_path / name).write_bytes(content)
    sessions = {who: cookie(getattr(city, who)) for who in ("pollster", "admin", "admin2")}
    return wave, {"right.csv": sign(right), "wrong.csv": sign(wrong)}, sessions


def test_a_wave_from_the_pollster_to_the_citizen(story, live_server, tmp_path, settings):
    wave, signatures, sessions = story
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the worker's part is played in this thread
    here = f"{live_server.url}/desk/evaluations/{wave.code}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def as_(who, width=1440, *, scripts=True):
            context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN",
                                          java_script_enabled=scripts)  # fmt: skip
            if who:
                context.add_cookies([{"name": "sessionid", "value": sessions[who], "url": live_server.url}])
            return context.new_page()

        page = as_("pollster", 390)
        for name in ("wrong.csv", "right.csv"):
            page.goto(f"{here}hand-in/")
            page.set_input_files("input[name=file]", tmp_path / name)
            page.fill("input[name=key]", KEY)
            page.fill("textarea[name=signature]", signatures[name])
            page.locator("main form button[type=submit]:not([name])").first.click()
            if name == "wrong.csv":
                page.wait_for_selector("#faults")
                assert page.locator("#faults tbody tr").count() == 2
                assert not Response.objects.exists()
        page.wait_for_url(here)
        assert Response.objects.count() == 300

        admin = as_("admin")
        for step in ("close", "check", "weight", "score"):
            admin.goto(here)
            admin.locator(f"form[action$='/steps/{step}/'] button").click()
            admin.wait_for_load_state("networkidle") if step != "score" else admin.wait_for_selector("#progress p")
        plain = as_("admin", 390, scripts=False)
        plain.goto(here)
        assert plain.locator("#progress").inner_text()
        services.work_on(wave.pk)
        plain.reload()
        assert plain.locator("form[action$='/steps/freeze/']").count() == 1
        admin.goto(f"{here}review/")
        assert admin.locator("#calls .row").count() == 25
        admin.goto(here)
        admin.locator("form[action$='/steps/freeze/'] button").click()
        admin.wait_for_load_state("networkidle")
        second = as_("admin2")
        second.goto(here)
        second.locator("form[action$='/steps/publish/'] button").click()
        second.wait_for_load_state("networkidle")

        citizen = as_(None, 390)
        for name in ("inputs", "scores"):
            got = citizen.request.get(f"{live_server.url}/open/polls/{wave.code}/{name}.csv")
            assert got.status == 200
            (tmp_path / f"{name}.csv").write_bytes(got.body())
        browser.close()
    done = subprocess.run(
        [sys.executable, str(RESCORE), str(tmp_path / "inputs.csv"), str(tmp_path / "scores.csv")],
        capture_output=True, cwd="/", env={}, check=False,
    )  # fmt: skip
    assert done.stdout.startswith(b"AGREES")
