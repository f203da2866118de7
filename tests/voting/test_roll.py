"""A roll file: all of it or nothing, by line, and never twice."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import identity
from annual_projects.states import Voters
from core import copying, promises
from core.errors import Invalid, NotAllowed, WrongState
from tests.voting.conftest import id_number, move, raw
from voting import services
from voting.models import EligibleVoter, RollImport

pytestmark = pytest.mark.usefixtures("in_english")


def roll(*lines: str, header: str = "fingerprint") -> io.BytesIO:
    return io.BytesIO("\n".join([header, *lines, ""]).encode())


def fp(number: int) -> str:
    return f"{number:064x}"


def test_a_good_file_is_taken_whole(poll, city):
    report = services.import_roll(poll.edition, roll(*(fp(n) for n in range(100))), by=city.admin)
    assert (report.taken, report.lines, report.added, report.faults) == (True, 100, 100, [])
    assert EligibleVoter.objects.count() == 100
    assert RollImport.objects.get().sha256 == report.sha256
    assert list(promises.violations()) == []


def test_id_numbers_are_kept_as_fingerprints_only(poll):
    report = services.import_roll(poll.edition, roll(id_number(1), id_number(2), header="id_number"))
    assert report.added == 2
    kept = set(EligibleVoter.objects.values_list("fingerprint", flat=True))
    assert kept == {identity.read(id_number(n)).fingerprint for n in (1, 2)}


@pytest.mark.parametrize(
    ("lines", "header", "faults"),
    [
        ((fp(1), "xyz", fp(2)), "fingerprint", [(3, "fingerprint", "fingerprint", "xy… (3)")]),
        ((fp(1), fp(2), fp(1)), "fingerprint", [(4, "fingerprint", "twice", "")]),
        ((fp(1), f"{fp(2)},x"), "fingerprint", [(3, "fingerprint", "columns", "00… (66)")]),
        ((id_number(1), id_number(2)[:-1] + "Y"), "id_number", [(3, "id_number", "id_number", "33… (18)")]),
        ((fp(1),), "name", [(1, "", "header", "na… (4)")]),
        ((), "fingerprint", [(1, "", "empty", "")]),
        ((fp(1).upper().replace("0", "A"),), "fingerprint", [(2, "fingerprint", "fingerprint", "AA… (64)")]),
    ],
)
def test_one_bad_line_and_nothing_is_taken(poll, lines, header, faults):
    report = services.import_roll(poll.edition, roll(*lines, header=header))
    assert [(f.line, f.column, f.code, f.value) for f in report.faults] == faults
    assert all(str(fault.words) for fault in report.faults)
    assert not report.taken
    assert not EligibleVoter.objects.exists()
    assert not RollImport.objects.exists()


def test_text_that_is_not_utf8_is_told_by_line(poll):
    report = services.import_roll(poll.edition, io.BytesIO(b"fingerprint\n" + fp(1).encode() + b"\n\xff\xfe\n"))
    assert [(fault.line, fault.code) for fault in report.faults] == [(3, "encoding")]


def test_a_mark_of_byte_order_and_windows_lines_do_no_harm(poll):
    text = "\ufefffingerprint\r\n" + "".join(f"{fp(n)}\r\n" for n in range(3))
    assert services.import_roll(poll.edition, io.BytesIO(text.encode())).added == 3


def test_no_report_shows_a_whole_value(poll):
    bad = id_number(3)[:-1] + "Y"
    [fault] = services.import_roll(poll.edition, roll(bad, header="id_number")).faults
    assert bad not in str(fault)


def test_the_same_file_is_not_taken_twice_and_another_adds_to_it(poll):
    services.import_roll(poll.edition, roll(fp(1), fp(2)))
    with pytest.raises(Invalid, match="taken before"):
        services.import_roll(poll.edition, roll(fp(1), fp(2)))
    assert services.import_roll(poll.edition, roll(fp(2), fp(3))).added == 1
    assert EligibleVoter.objects.count() == 3


def test_even_raw_sql_cannot_take_it_twice(poll):
    services.import_roll(poll.edition, roll(fp(1)))
    again = (
        "INSERT INTO voting_rollimport (edition_id, sha256, lines, added, imported_at)"
        " SELECT edition_id, sha256, lines, 0, now() FROM voting_rollimport"
    )
    with pytest.raises(IntegrityError, match="roll_file_is_taken_once"), transaction.atomic():
        raw(again)


def test_without_the_unique_rule_it_could(poll):
    services.import_roll(poll.edition, roll(fp(1)))
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("ALTER TABLE voting_rollimport DROP CONSTRAINT roll_file_is_taken_once")
    raw(
        "INSERT INTO voting_rollimport (edition_id, sha256, lines, added, imported_at)"
        " SELECT edition_id, sha256, lines, 0, now() FROM voting_rollimport"
    )
    assert RollImport.objects.count() == 2


def test_an_entry_that_no_file_named_is_found(poll):
    services.import_roll(poll.edition, roll(fp(1)))
    EligibleVoter.objects.create(edition=poll.edition, fingerprint=fp(9))
    assert [found.promise for found in promises.violations()] == ["P7"]


def test_a_dry_run_takes_nothing(poll):
    report = services.import_roll(poll.edition, roll(fp(1)), dry_run=True)
    assert (report.taken, report.faults) == (False, [])
    assert not EligibleVoter.objects.exists()


def test_only_an_admin_imports_and_only_before_the_close(poll, city):
    with pytest.raises(NotAllowed):
        services.import_roll(poll.edition, roll(fp(1)), by=city.triage)
    poll = move(poll, voting_closes=timezone.now() - timedelta(hours=1))
    with pytest.raises(WrongState):
        services.import_roll(poll.edition, roll(fp(1)), by=city.admin)


# --- the command --------------------------------------------------------------------------------------------------


def run(path, **options) -> str:
    out = io.StringIO()
    call_command("import_roll", str(path), stdout=out, skip_checks=True, **options)
    return out.getvalue()


def test_the_command_takes_the_next_edition_that_goes_by_a_roll(poll, tmp_path):
    move(poll, who_may_vote=Voters.ROLL)
    path = tmp_path / "roll.csv"
    path.write_bytes(roll(*(fp(n) for n in range(50))).getvalue())
    assert "a dry run" in run(path, dry_run=True)
    assert "50 lines; 50 are new on the roll of 2027" in run(path)
    with pytest.raises(CommandError, match="taken before"):
        run(path)


def test_the_command_names_bad_lines(poll, tmp_path):
    path = tmp_path / "roll.csv"
    path.write_bytes(roll(fp(1), "bad").getvalue())
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 bad lines; nothing was taken"):
        call_command("import_roll", str(path), year=2027, stdout=out, skip_checks=True)
    assert "line 3  fingerprint  fingerprint  ba… (3)" in out.getvalue()


def test_the_command_needs_an_edition(city, tmp_path):
    path = tmp_path / "roll.csv"
    path.write_bytes(roll(fp(1)).getvalue())
    with pytest.raises(CommandError, match="name --year"):
        run(path)
    with pytest.raises(CommandError, match="no such edition"):
        run(path, year=1999)


def test_a_file_longer_than_what_is_handed_over_at_once_is_taken_whole(poll):
    report = services.import_roll(poll.edition, roll(*(fp(n) for n in range(copying.CHUNK * 2 + 1))))
    assert report.added == EligibleVoter.objects.count() == copying.CHUNK * 2 + 1
