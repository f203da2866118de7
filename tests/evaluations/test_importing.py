"""What a pollster may hand in, and every way in which a file is refused: whole, with all its faults, by line."""

import csv
import hashlib
import io
import re
import zipfile
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from core.errors import NotAllowed
from evaluations import services
from evaluations.errors import BadSignature, ImportRefused, WaveClosed
from evaluations.importing.checking import _moment, masked
from evaluations.importing.reading import rows
from evaluations.models import Answer, Batch, Pollster, Response, SigningKey
from tests.evaluations import polls

SECRET = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
KEY = SECRET.public_key().public_bytes_raw().hex()
HEAD = ["reference", "area", "age_sex", "interviewer", "mode", "started_at", "ended_at", "phone", "weight", "subject",
        "know", "foil", "attitude", "rude", "content", "unit", "safe"]  # fmt: skip


def sign(content, secret=SECRET):
    return secret.sign(bytes.fromhex(hashlib.sha256(content).hexdigest())).hex()


@pytest.fixture
def wave(city):
    wave = polls.make_wave(city, state="fielding")
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    return wave


@pytest.fixture
def badge(wave):
    return wave.subjects.filter(kind="officer").order_by("code").first().code


def line(badge, **cells):
    usual = {
        "reference": "R-1", "area": "330502001", "age_sex": "m45+", "interviewer": "i1", "mode": "phone",
        "started_at": "2026-05-04 09:00", "ended_at": "2026-05-04 09:12", "phone": "19900000001", "weight": "1",
        "subject": badge, "attitude": "5", "rude": "1", "content": "4", "know": "dk", "foil": "1", "safe": "拒答",
    }  # fmt: skip
    return [(usual | cells).get(name, "") for name in HEAD]


def as_csv(*lines, head=HEAD, encoding="utf-8"):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([head, *lines])
    return buffer.getvalue().encode(encoding)


def as_xlsx(*lines, state="visible"):
    book = Workbook()
    for row in (HEAD, *lines):
        book.active.append(row)
    if state != "visible":
        book.create_sheet("藏").sheet_state = state
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def hand_in(wave, content, by=None, **options):
    return services.hand_in(wave, content, **({"signature": sign(content), "key": KEY, "by": by} | options))


def faults(wave, content):
    with pytest.raises(ImportRefused) as found:
        hand_in(wave, content)
    assert not Batch.objects.exists()
    assert not Response.objects.exists()
    return [(p.line, p.column, p.code) for p in found.value.problems]


def test_a_file_is_taken_whole(city, wave, badge):
    done = hand_in(wave, as_csv(line(badge), line(badge, reference="R-2"),
                                line("wuxing-yuehe", **EMPTY, unit="3")), by=city.pollster)  # fmt: skip
    assert (done.responses, done.answers) == (2, 13)
    assert done.batch.received_by == city.pollster
    first = Response.objects.get(reference="R-1")
    assert (first.area_id, len(first.phone_mac), first.base_weight) == ("330502001", 64, 1.0)
    assert first.started_at == datetime(2026, 5, 4, 9, tzinfo=polls.SHANGHAI)
    said = dict(Answer.objects.filter(response=first, subject__kind="officer").values_list("item__code", "said"))
    assert said == {"attitude": "level", "rude": "level", "content": "level", "know": "dont_know"}


EMPTY = dict.fromkeys(["attitude", "rude", "content", "know", "foil", "safe"], "")


def test_the_same_file_is_taken_once(wave, badge):
    content = as_csv(line(badge))
    first, second = hand_in(wave, content), hand_in(wave, content)
    assert second.again
    assert first.batch == second.batch
    assert Response.objects.count() == 1


def test_a_trial_keeps_nothing(wave, badge):
    done = hand_in(wave, as_csv(line(badge)), dry_run=True)
    assert (done.responses, done.batch) == (1, None)
    assert not Batch.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "gb18030"])
def test_encodings_of_excel(wave, badge, encoding):
    assert hand_in(wave, as_csv(line(badge, mode="电话", know="不知道"), encoding=encoding)).responses == 1
    assert Response.objects.get().mode == "phone"


def test_full_width_digits_and_badges_without_noughts(wave, badge):
    assert hand_in(wave, as_csv(line(badge.lstrip("0"), phone="１９９０００００００２", attitude="５"))).answers == 6
    assert Answer.objects.filter(subject__code=badge, level=5).count() == 1


def test_dates_of_excel(wave, badge):
    serial = line(badge, started_at="46146.375", ended_at="46146.38")
    real = line(badge, reference="R-2", started_at=datetime(2026, 5, 4, 9), ended_at=datetime(2026, 5, 4, 9, 5))
    slashes = line(badge, reference="R-3", started_at="2026/5/4 9:00", ended_at="2026/5/4 9:05:10")
    assert hand_in(wave, as_xlsx(serial, real, slashes)).responses == 3
    assert set(Response.objects.values_list("started_at", flat=True)) == {
        datetime(2026, 5, 4, 9, tzinfo=polls.SHANGHAI)
    }


@pytest.mark.parametrize(("cells", "column", "code"), [
    ({"subject": "999999"}, "subject", "unknown-subject"),
    ({"attitude": "6"}, "attitude", "unknown-level"),
    ({"attitude": "0"}, "attitude", "unknown-level"),
    ({"area": "330599"}, "area", "unknown-area"),
    ({"area": "330"}, "area", "unknown-area"),
    ({"age_sex": "x"}, "age_sex", "unknown-age-sex"),
    ({"ended_at": "2026-05-04 08:59"}, "ended_at", "end-before-start"),
    ({"started_at": "2026-04-30 23:59", "ended_at": "2026-05-01 00:10"}, "started_at", "outside-the-wave"),
    ({"ended_at": "2026-06-01 00:00"}, "ended_at", "outside-the-wave"),
    ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at", "bad-time"),
    ({"started_at": "gestern"}, "started_at", "bad-time"),
    ({"weight": "0"}, "weight", "bad-weight"),
    ({"weight": "NaN"}, "weight", "bad-weight"),
    ({"weight": "-1"}, "weight", "bad-weight"),
    ({"weight": "inf"}, "weight", "bad-weight"),
    ({"phone": "12"}, "phone", "bad-phone"),
    ({"mode": "fax"}, "mode", "unknown-mode"),
    ({"reference": ""}, "reference", "empty"),
    ({"reference": "a b"}, "reference", "bad-code"),
    ({"unit": "3"}, "unit", "not-asked-of-this"),
    ({"content": "=1+1"}, "content", "formula"),
])  # fmt: skip
def test_bad_lines_are_named(wave, badge, cells, column, code):
    assert (3, column, code) in faults(wave, as_csv(line(badge), line(badge, **({"reference": "R-2"} | cells))))


def test_an_unknown_question_is_named(wave, badge):
    assert (1, "smile", "unknown-column") in faults(wave, as_csv([*line(badge), "5"], head=[*HEAD, "smile"]))


def test_a_missing_column_is_named(wave, badge):
    assert faults(wave, as_csv(line(badge)[1:], head=HEAD[1:])) == [(1, "reference", "missing-column")]


def test_the_same_reference_with_other_content(wave, badge):
    other = wave.subjects.filter(kind="officer").order_by("-code").first().code
    rest = {"foil": "", "safe": ""}
    assert faults(wave, as_csv(line(badge), line(other, area="330503", **rest))) == [(3, "reference", "other-content")]
    assert faults(wave, as_csv(line(badge), line(badge, **rest)))[0][2] == "answered-twice"


def test_the_same_reference_in_another_file(wave, badge):
    hand_in(wave, as_csv(line(badge)))
    with pytest.raises(ImportRefused) as found:
        hand_in(wave, as_csv(line(badge, attitude="1")))
    assert [(p.line, p.code) for p in found.value.problems] == [(2, "reference-taken")]
    assert Response.objects.count() == 1


def test_all_faults_are_listed_and_masked(wave, badge):
    bad = line(badge, phone="1381234", attitude="7", weight="-3")
    with pytest.raises(ImportRefused) as found:
        hand_in(wave, as_csv(bad, line(badge, reference="R-2", mode="fax")))
    assert {(p.line, p.code) for p in found.value.problems} == {
        (2, "bad-phone"), (2, "unknown-level"), (2, "bad-weight"), (3, "unknown-mode")}  # fmt: skip
    assert "1381234" not in str([p.as_dict() for p in found.value.problems])


def test_hidden_sheets_are_refused(wave, badge):
    for state in ("hidden", "veryHidden"):
        assert [code for *_rest, code in faults(wave, as_xlsx(line(badge), state=state))] == ["hidden-sheet"]


def test_formulas_of_workbooks_are_refused(wave, badge):
    assert (2, "content", "formula") in faults(wave, as_xlsx(line(badge, content="=2+3")))


def test_a_bomb_is_not_opened(wave, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 20_000_000)
    monkeypatch.setattr("evaluations.importing.reading.CalamineWorkbook", None)  # whoever opened it would fail here
    assert [code for *_rest, code in faults(wave, buffer.getvalue())] == ["zip-bomb"]


@pytest.mark.parametrize(("content", "code"), [
    (b"", "empty-file"), (b"PK\x03\x04rubbish", "not-xlsx"), (b"reference\0", "not-text"),
    (b'reference,area\n"open', "broken-csv"), (b"a,a\n1,2\n", "column-twice"),
])  # fmt: skip
def test_rubbish_is_refused(wave, content, code):
    assert code in [code for *_rest, code in faults(wave, content)]


def test_only_signed_files_are_taken(wave, badge):
    content = as_csv(line(badge))
    other = Ed25519PrivateKey.from_private_bytes(b"8" * 32)
    for signature in (sign(content, other), sign(content + b" "), "zz", ""):
        with pytest.raises(BadSignature):
            hand_in(wave, content, signature=signature)
    stranger = Pollster.objects.create(code="other", name="别家")
    theirs = other.public_key().public_bytes_raw().hex()
    SigningKey.objects.create(pollster=stranger, public_key=theirs)
    with pytest.raises(BadSignature):
        hand_in(wave, content, signature=sign(content, other), key=theirs)
    assert not Batch.objects.exists()


def test_a_revoked_key_signs_no_more(city, wave, badge):
    services.revoke_key(SigningKey.objects.get(public_key=KEY), by=city.admin, reason="电脑丢失")
    with pytest.raises(BadSignature, match=r"revoked|停用|作废"):
        hand_in(wave, as_csv(line(badge)))


def test_a_closed_wave_takes_nothing(city, wave, badge):
    hand_in(wave, as_csv(line(badge)))
    services.close_fielding(wave, by=city.admin)
    with pytest.raises(WaveClosed):
        hand_in(wave, as_csv(line(badge, reference="R-9")))


def test_nobody_else_hands_in(city, wave, badge):
    for who in (city.admin, city.auditor, city.officer, polls.factories.staff(polls.factories.Role.POLLSTER, None)):
        with pytest.raises(NotAllowed):
            hand_in(wave, as_csv(line(badge)), by=who)


def test_nothing_half_done_when_the_database_says_no(wave, badge, monkeypatch):
    written = []

    def fail(table, columns, lines):
        written.append(table)
        assert Response.objects.exists()  # the first half stands already, and goes with the second
        raise RuntimeError("disk full")

    monkeypatch.setattr("evaluations.services.handing_in.copy_text", fail)
    with pytest.raises(RuntimeError):
        hand_in(wave, as_csv(line(badge)))
    assert written == ["evaluations_answer"]
    assert not Batch.objects.exists()
    assert not Response.objects.exists()


def test_the_command_takes_a_file(wave, badge, tmp_path, capsys):
    path = tmp_path / "w.csv"
    path.write_bytes(as_csv(line(badge)))
    given = ["import_responses", str(path), "--wave", wave.code, "--key", KEY]
    call_command(*given, "--signature", sign(path.read_bytes()), "--dry-run")
    assert not Batch.objects.exists()
    call_command(*given, "--signature", sign(path.read_bytes()))
    assert "1 interviews, 6 answers: taken" in capsys.readouterr().out
    path.write_bytes(as_csv(line(badge, reference="R-3", weight="0")))
    with pytest.raises(CommandError):
        call_command(*given, "--signature", sign(path.read_bytes()))
    assert "2:weight bad-weight" in capsys.readouterr().err


def test_a_frame_drawn_elsewhere(city, tmp_path, capsys):
    wave = polls.make_wave(city)
    other = services.create_wave(
        services.WavePlan("2026-3", "回访", "contact", 2026, wave.pollster, wave.questionnaire, wave.starts, wave.ends,
                          polls.MARGINS), by=city.admin)  # fmt: skip
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    services.take_subjects(other, by=city.admin)
    path = tmp_path / "f.csv"
    path.write_bytes(b"reference,area,age_sex,subjects\r\nA,330502,m45+,wuxing-yuehe\r\nB,330503,x,nobody\r\n")
    given = ["import_frame", str(path), "--wave", other.code, "--key", KEY]
    with pytest.raises(CommandError):
        call_command(*given, "--signature", sign(path.read_bytes()))
    assert "3:age_sex" in capsys.readouterr().err
    path.write_bytes(b"reference,area,age_sex,subjects\r\nA,330502,m45+,wuxing-yuehe\r\n")
    call_command(*given, "--signature", sign(path.read_bytes()))
    assert other.frame.size == 1


def test_an_empty_style_is_no_reason_to_refuse_a_workbook(wave, badge):
    """What several Chinese programs write; styles are of no interest here."""
    whole = as_xlsx(line(badge))
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            if part == "xl/styles.xml":
                assert b"<fill>" in text
                text = re.sub(rb"<fill>.*?</fill>", b"<fill/>", text).replace(b'<sz val="11"', b'<sz val="abc"')
            new.writestr(part, text)
    hand_in(wave, broken.getvalue())
    assert Response.objects.count() == 1


def test_empty_columns_without_a_heading_are_left_out(wave, badge):
    plain = as_csv(line(badge)).decode("utf-8-sig")
    for change in (lambda row: row + ",,", lambda row: row.replace(",", ",,", 1)):
        found = list(rows("\n".join(map(change, plain.splitlines())).encode(), []))
        assert [set(row.cells) for row in found] == [set(HEAD)]
    head, cells = plain.splitlines()
    assert (2, "", "too-many-cells") in faults(wave, f"{head},\n{cells},x".encode())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026年11月20日 9:05", "2026-11-20T09:05:00"), ("2026年11月20日9时5分", "2026-11-20T09:05:00"),
        ("2026-11-20 9:05:01", "2026-11-20T09:05:01"), ("2026/11/20 下午 3:05", "2026-11-20T15:05:00"),
        ("2026.1.2 23:59", "2026-01-02T23:59:00"), ("2026/11/20 上午 9：05：07", "2026-11-20T09:05:07"),
    ],
)  # fmt: skip
def test_moments_as_tables_write_them(written, read):
    assert _moment(written).written == f"{read}+08:00"


@pytest.mark.parametrize(
    ("value", "shown"), [("2026年13月20日 9:05", "2026年13月20日 9:05"), ("13812345678", "1********")]
)
def test_a_wrong_moment_is_shown_and_a_person_s_number_is_not(value, shown):
    assert masked("started_at", value) == shown
