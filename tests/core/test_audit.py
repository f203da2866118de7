"""The ledger's chain, for us and for a stranger: what was changed, taken out or put in afterwards is noticed."""

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import pgtrigger
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from core import audit, promises
from core.models import AuditEntry, AuditLink
from tests import factories

TOOL = settings.BASE_DIR / "tools" / "verify_audit.py"


def write(n: int = 5, city=None) -> None:
    subject = city.officer
    for number in range(n):
        audit.record("tests.done", subject, by=subject, reason=f"第 {number} 次", step=number)


@pytest.fixture
def ledger(city):
    """Five sealed entries."""
    write(5, city)
    audit.seal()
    return city


def faults() -> list[str]:
    return list(audit.verify())


def force(sql: str, *params: object) -> None:
    """What only somebody past every guard could do."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(sql, params)


# --- for us -----------------------------------------------------------------------------------------------------------


def test_a_sound_ledger_has_no_faults(ledger):
    assert faults() == []
    assert AuditLink.objects.count() == AuditEntry.objects.count()


def test_an_entry_that_was_changed_is_named(ledger):
    second = AuditLink.objects.get(seq=2).entry_id
    force("UPDATE core_auditentry SET reason = 'nothing' WHERE id = %s", second)
    assert faults() == [f"link 2: entry {second} does not match its hash"]


def test_a_link_that_was_taken_out_is_named(ledger):
    force("DELETE FROM core_auditlink WHERE seq = 3")
    assert any("3 was expected" in fault for fault in faults())


def test_an_entry_that_was_put_in_is_named(ledger):
    force("UPDATE core_auditlink SET seq = seq + 100 WHERE seq >= 3")
    force("UPDATE core_auditlink SET seq = seq - 99 WHERE seq >= 103")
    stranger = audit.record("tests.never", ledger.officer)
    force("INSERT INTO core_auditlink (seq, entry_id, hash) VALUES (3, %s, %s)", stranger.pk, "0" * 64)
    assert any(fault.startswith("link 3") for fault in faults())


def test_each_field_of_an_entry_is_under_the_hash(ledger):
    entry = AuditEntry.objects.first()
    before = audit.canonical(entry)
    for name, value in {"actor": "user:0", "action": "x", "object_id": "0", "reason": "x", "data": {"a": 1}}.items():
        changed = AuditEntry.objects.get(pk=entry.pk)
        setattr(changed, name, value)
        assert audit.canonical(changed) != before, name


def test_the_chain_is_what_its_description_says(ledger):
    digest = "0" * 64
    for link in AuditLink.objects.select_related("entry").order_by("seq"):
        digest = hashlib.sha256(f"{digest}\n{audit.canonical(link.entry)}".encode()).hexdigest()
        assert link.hash == digest


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_link_each_entry_once():
    write(40, factories.city())
    start = threading.Barrier(4)

    def seal() -> None:
        start.wait(10)
        for _n in range(12):
            audit.seal(batch=5)
        connections.close_all()

    sealers = [threading.Thread(target=seal) for _n in range(4)]
    [sealer.start() for sealer in sealers]
    [sealer.join(300) for sealer in sealers]
    assert AuditLink.objects.count() == AuditEntry.objects.count()
    assert faults() == []


# --- for a stranger ---------------------------------------------------------------------------------------------------


@pytest.fixture
def published(ledger, tmp_path) -> Path:
    """The files as we publish them, with the head of the day."""
    call_command("verify_audit", "--export", str(tmp_path), verbosity=0)
    return tmp_path


def check(folder: Path) -> tuple[int, str]:
    """What the stand-alone tool says, run as a stranger runs it: no Django, no packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), str(folder / "audit.jsonl"), str(folder / "heads.csv")],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stdout


def lines(folder: Path) -> list[str]:
    return (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()


def rewrite(folder: Path, content: list[str]) -> None:
    (folder / "audit.jsonl").write_text("".join(f"{line}\n" for line in content), encoding="utf-8")


def test_a_stranger_agrees_with_us(published):
    assert check(published) == (0, "5 entries, 0 faults\n")
    assert "第 0 次" in lines(published)[0]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda found: [found[0].replace("第 0 次", "第 9 次"), *found[1:]],
        lambda found: [*found[:2], *found[3:]],
        lambda found: [*found[:2], found[0], *found[2:]],
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: found[:-1],
    ],
    ids=["changed", "taken out", "put in", "swapped", "cut short"],
)
def test_a_stranger_notices(published, tamper):
    rewrite(published, tamper(lines(published)))
    code, says = check(published)
    assert code == 1
    assert "is not in this ledger" in says


def test_what_came_after_the_head_is_no_fault(published):
    rewrite(published, [*lines(published), json.dumps({"id": 6})])
    assert check(published)[0] == 0


def test_without_the_published_head_a_ledger_written_anew_would_pass(published):
    forged = [line.replace("第 0 次", "第 9 次") for line in lines(published)]
    rewrite(published, forged)
    heads = (published / "heads.csv").read_text().splitlines()
    (published / "heads.csv").write_text(f"{heads[0]}\n")
    assert check(published)[0] == 0
    digest = "0" * 64
    for line in forged:
        digest = hashlib.sha256(f"{digest}\n{line}".encode()).hexdigest()
    day = heads[1].split(",")[0]
    (published / "heads.csv").write_text(f"{heads[0]}\n{day},5,{digest}\n")
    assert check(published)[0] == 0
    (published / "heads.csv").write_text("\n".join(heads))
    assert check(published)[0] == 1


# --- heads that somebody kept -------------------------------------------------------------------------------------

CUT = (
    "DELETE FROM core_auditlink WHERE seq > 3",
    "DELETE FROM core_auditentry WHERE id NOT IN (SELECT entry_id FROM core_auditlink)",
)


def heads_now(path: Path) -> Path:
    call_command("verify_audit", "--export", str(path), verbosity=0)
    return path / "heads.csv"


def compare(older: Path, newer: Path) -> tuple[int, str]:
    """What the tool says of two lists of heads."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), "--heads", str(older), str(newer)],
        capture_output=True,
        text=True,
        timeout=30,
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stdout


def date_back(days: int) -> None:
    """As if the entries until now had been written and sealed some days ago."""
    force("UPDATE core_auditlink SET sealed_at = sealed_at - %s * interval '1 day'", days)


def test_heads_that_grew_are_no_fault(ledger, tmp_path):
    date_back(2)
    older = heads_now(tmp_path / "older")
    write(3, ledger)
    assert compare(older, heads_now(tmp_path / "newer")) == (0, "1 heads, 0 faults\n")


def test_the_day_on_which_they_were_fetched_may_have_gone_on(ledger, tmp_path):
    older = heads_now(tmp_path / "older")
    write(3, ledger)
    assert compare(older, heads_now(tmp_path / "newer")) == (0, "1 heads, 0 faults\n")


def test_heads_that_a_stranger_kept_show_a_cut_ledger(ledger, tmp_path):
    older = heads_now(tmp_path / "older")
    [force(sql) for sql in CUT]
    assert faults() == []  # alone, the ledger does not know
    code, said = compare(older, heads_now(tmp_path / "newer"))
    assert (code, "is now 3" in said) == (1, True)


def test_heads_that_a_stranger_kept_show_a_ledger_written_anew(ledger, tmp_path):
    date_back(2)
    write(1, ledger)
    older = heads_now(tmp_path / "older")
    force("UPDATE core_auditentry SET reason = 'nothing' WHERE id = (SELECT min(id) FROM core_auditentry)")
    digest = audit.GENESIS
    for link in AuditLink.objects.select_related("entry").order_by("seq"):
        digest = audit.chain(digest, audit.canonical(link.entry))
        force("UPDATE core_auditlink SET hash = %s WHERE seq = %s", digest, link.seq)
    assert faults() == []
    code, said = compare(older, heads_now(tmp_path / "newer"))
    assert (code, said.count("the head was")) == (1, 2)
    with pytest.raises(SystemExit):
        call_command("check_invariants", "--heads", str(older))


def test_the_command_knows_heads_that_were_kept(ledger, tmp_path, capsys):
    call_command("audit_head")
    printed = tmp_path / "printed.csv"
    printed.write_text(capsys.readouterr().out)
    call_command("check_invariants", "--heads", str(printed))
    assert f"{len(promises.checked()) + 1} checks, 0 violations" in capsys.readouterr().out
    [force(sql) for sql in CUT]
    with pytest.raises(SystemExit) as ended:
        call_command("check_invariants", "--heads", str(printed))
    assert ended.value.code == 1
    assert "head that was kept outside. BROKEN BY" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "date,seq\n2026-01-01,x\n", "no,list\n1,2\n"])
def test_a_file_that_is_no_list_of_heads_is_refused(db, tmp_path, content):
    (tmp_path / "x.csv").write_text(content)
    if content:
        with pytest.raises(CommandError, match="no list of heads"):
            call_command("check_invariants", "--heads", str(tmp_path / "x.csv"))
    with pytest.raises(CommandError, match="no list of heads"):
        call_command("check_invariants", "--heads", str(tmp_path / "missing.csv"))


def test_our_command_says_it_too_and_fails(ledger, capsys):
    force("UPDATE core_auditentry SET reason = 'nothing' WHERE id = %s", AuditLink.objects.get(seq=2).entry_id)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    assert "link 2" in capsys.readouterr().out


def test_each_day_has_one_head_and_it_is_the_last(ledger):
    force("UPDATE core_auditlink SET sealed_at = sealed_at - interval '1 day' WHERE seq <= 2")
    assert [head.seq for head in audit.heads()] == [2, 5]
