"""Who signs in as the owner of the database, and who does not even know how (P24)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import serve
from embedded import Pair

ROOT = Path(__file__).resolve().parents[2]
PORTAL = {"DATABASE_URL": "postgres://plaza_portal@127.0.0.1:1/plaza"}
OWNER = {"DATABASE_OWNER_URL": "postgres://plaza@127.0.0.1:1/plaza"}
SAY_WHO = "from django.conf import settings; print(settings.DATABASES['default']['USER'])"


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    env = kept | {"DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"} | environment
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def test_web_and_worker_are_not_told_how_the_owner_signs_in(tmp_path):
    with Pair(tmp_path / "data", durable=False, want_valkey=False) as pair:
        env = serve.environment(pair)
    assert "//plaza@" in env["DATABASE_OWNER_URL"]
    served = serve.without_the_owner(env)
    assert "//plaza_portal@" in served["DATABASE_URL"]
    assert not [name for name, value in served.items() if "//plaza@" in value]
    assert served["DATABASE_AS_OWNER"] == "0"


@pytest.mark.parametrize(
    ("environment", "who"),
    [
        (PORTAL | OWNER, "plaza_portal"),
        (PORTAL | OWNER | {"DATABASE_AS_OWNER": "1"}, "plaza"),
        (PORTAL | {"DATABASE_AS_OWNER": "1"}, "plaza_portal"),
    ],
)
def test_what_serves_is_the_portal_and_only_who_asks_is_the_owner(environment, who):
    assert run("-c", SAY_WHO, **environment).stdout.strip() == who


def test_a_command_by_hand_is_the_owners():
    done = run("manage.py", "shell", "--no-imports", "-c", SAY_WHO, **PORTAL, **OWNER)
    assert done.stdout.strip() == "plaza", done.stderr


def test_two_databases_are_refused():
    done = run("-c", SAY_WHO, **PORTAL, DATABASE_OWNER_URL="postgres://plaza@127.0.0.1:1/other")
    assert "must name the same database" in done.stderr


def test_one_role_for_both_is_warned_of_before_the_door_opens():
    warned = [run("manage.py", "check", "--deploy", **given).stderr for given in (PORTAL, PORTAL | OWNER)]
    assert ["core.W001" in said for said in warned] == [True, False]
