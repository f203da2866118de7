"""A bureau loads its own files: all or nothing, every fault by file, line and column, and twice is once."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import directory.reference
import plaza.reference
from core.errors import Invalid
from core.models import AuditEntry
from core.reference import BadFiles, Fault
from directory.models import Area, Unit
from plaza.models import ActivityDay, Place
from portal import reference
from suggestions.models import Category, RoutingRule
from suggestions.services import routing

pytestmark = pytest.mark.django_db

AREAS = """code,name,level,parent,name_en,pinyin,lng,lat
3301,杭州市,city,,Hangzhou,hang zhou shi,120.15,30.28
330102,上城区,county,3301,Shangcheng District,shang cheng qu,,
330102001,清波街道,town,330102,Qingbo Subdistrict,qing bo jie dao,,
330102001001,定安路社区,community,330102001,Ding'anlu Community,ding an lu she qu,,
"""
UNITS = """code,name,name_en,kind,function,parent,area_code,address,phone,hours_zh,hours_en,lng,lat,\
service_zone,intro,intro_en,demo,areas
hz,市局,Bureau,bureau,general,,3301,某路1号,110,全天,All day,,,true,,,false,
hz-pw,民意中心,Centre,department,public_work,hz,3301,某路1号,110,全天,All day,,,true,,,false,
hz-sc,上城分局,Shangcheng,sub_bureau,general,hz,330102,某路2号,110,全天,All day,,,false,,,false,
hz-sc-qb,清波派出所,Qingbo,station,general,hz-sc,330102001,某路3号,110,全天,All day,,,false,,,false,
"""
CATEGORIES = """code,name_zh,name_en,complexity,reply_days,function,target,keywords,kind
noise,噪音,Noise,simple,5,none,station,吵|噪音,report
other,其他,Other,simple,7,none,station,,other
"""
PLACES = "slug,name,name_en,county,address,demo\nwest-lake,西湖广场,West Lake Square,330102,湖滨路,false\n"
DAYS = """date,slug,name,name_en,theme,starts,ends,main_place,places,demo
2026-01-10,police-day,警察节,Police Day,警察节,09:00,11:30,west-lake,west-lake,false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"areas": AREAS, "units": UNITS, "categories": CATEGORIES, "places": PLACES, "days": DAYS}
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def faults(folder: Path) -> list[str]:
    """What the command says is wrong; nothing may have been saved."""
    with pytest.raises(BadFiles) as refused:
        reference.load(folder)
    assert not Area.objects.exists()
    assert not Unit.objects.exists()
    assert not Category.objects.exists()
    return [str(fault) for fault in refused.value.faults]


def test_what_is_shipped_loads_and_a_second_run_changes_nothing():
    first = reference.load()
    assert (first["areas"], first["units"], first["plaza days"]) == (1_379, 118, 18)
    assert set(reference.load().values()) == {0}


def test_a_bureau_loads_its_own_files(folder):
    reference.load(folder)
    station = Unit.objects.get(code="hz-sc-qb")
    assert station.path == "/hz/hz-sc/hz-sc-qb/"
    assert not Unit.objects.filter(is_demo=True).exists()
    assert [area.pk for area in station.areas.all()] == ["330102001"]
    assert [area.pk for area in Unit.objects.get(code="hz-sc").areas.all()] == ["330102001"]
    day = ActivityDay.objects.get()
    assert (day.title, day.hours, day.is_demo) == ("警察节", "09:00–11:30", False)
    assert [place.name for place in day.places.all()] == ["西湖广场"]
    assert [unit.code for unit in day.units.all()] == ["hz-pw"]


def test_a_voice_then_goes_to_the_station_of_its_place(folder):
    reference.load(folder)
    category, area = Category.objects.get(code="noise"), Area.objects.get(code="330102001001")
    assert routing.route(category, area).unit.code == "hz-sc-qb"


def test_the_shipped_rules_send_each_category_where_the_table_says():
    reference.load()
    area = Area.objects.filter(level="community", code__startswith="330502001").first()
    sent = {one.pk: routing.route(one, area).unit.code for one in Category.objects.all()}
    assert sent["noise"] == "wuxing-yuehe"
    assert sent["household"] == "wuxing-household"
    assert sent["exit_entry"].startswith("huzhou-")
    assert Unit.objects.get(code=sent["conduct"]).function == Unit.Function.INSPECTORATE


def test_one_changed_cell_is_one_change(folder):
    reference.load(folder)
    change(folder, "units.csv", "某路3号,110", "某路3号,8888110")
    changed = reference.load(folder)
    assert sum(changed.values()) == changed["units"] == 1
    assert Unit.objects.get(code="hz-sc-qb").phone == "8888110"


def test_a_file_that_is_not_given_leaves_its_table_alone(folder):
    reference.load(folder)
    for name in ("units", "areas", "places", "days"):
        (folder / f"{name}.csv").unlink()
    change(folder, "categories.csv", "other,其他", "other,别的")
    assert sum(reference.load(folder).values()) == 1
    assert Unit.objects.count() == 4


def test_a_folder_without_any_file_is_refused(tmp_path):
    with pytest.raises(Invalid, match="has none of"):
        reference.load(tmp_path)


def test_a_jurisdiction_can_be_written_out(folder):
    row = "某路3号,110,全天,All day,,,false,,,false,"
    change(folder, "units.csv", row, f"{row}330102001001 330102")
    reference.load(folder)
    assert {area.pk for area in Unit.objects.get(code="hz-sc-qb").areas.all()} == {"330102001001", "330102"}


def test_a_jurisdiction_that_shrinks_is_taken_back(folder):
    test_a_jurisdiction_can_be_written_out(folder)
    change(folder, "units.csv", "330102001001 330102", "330102001001")
    assert reference.load(folder)["jurisdictions"] == 2  # the station's and its sub-bureau's
    assert [area.pk for area in Unit.objects.get(code="hz-sc-qb").areas.all()] == ["330102001001"]


def test_a_unit_that_moves_takes_along_what_is_not_in_the_file(folder):
    reference.load(folder)
    sub_bureau = Unit.objects.get(code="hz-sc")
    window = Unit.objects.create(
        code="hz-sc-w", name="窗口", kind="department", function="household", parent=sub_bureau
    )
    Unit.objects.filter(pk=window.pk).update(path="/left/behind/")
    reference.load(folder)
    window.refresh_from_db()
    assert window.path == "/hz/hz-sc/hz-sc-w/"


def test_a_rule_of_the_desk_stays(folder):
    reference.load(folder)
    RoutingRule.objects.filter(category="noise").update(target="bureau", function="public_work")
    assert sum(reference.load(folder).values()) == 0
    assert RoutingRule.objects.get(category="noise").function == "public_work"


def test_every_bad_line_is_named_and_nothing_is_saved(folder):
    change(folder, "areas.csv", "330102001,清波街道,town", "33010200,清波街道,town")
    change(folder, "units.csv", "station,general,hz-sc,330102001", "post_office,general,nowhere,330109")
    change(folder, "categories.csv", "noise,噪音,Noise,simple,5", "noise,噪音,Noise,quick,many")
    change(folder, "days.csv", "2026-01-10", "2026-13-10")
    found = faults(folder)
    for begins in (
        "areas.csv:4 code: ",
        "areas.csv:5 parent: “330102001” is not known",
        "units.csv:5 kind: ",
        "units.csv:5 parent: “nowhere” is not known",
        "units.csv:5 area_code: “330109” is not known",
        "categories.csv:2 complexity: ",
        "categories.csv:2 reply_days: ",
        "days.csv:2 date: ",
    ):
        assert any(fault.startswith(begins) for fault in found), begins


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("units.csv", "hz-sc-qb,清波派出所", "hz-sc,清波派出所", "units.csv:5 code: the same as line 4"),
        (
            "units.csv",
            "hz-pw,民意中心,Centre,department,public_work",
            "hz-pw,民意中心,Centre,department,legal",
            "units.csv:1 function: one public_work department of the bureau is needed, 0 are given",
        ),
        (
            "units.csv",
            "hz,市局,Bureau,bureau,general,,",
            "hz,市局,Bureau,station,general,,",
            "units.csv:2 parent: a station stands under another unit",
        ),
        ("units.csv", ",demo,areas\n", ",areas\n", "units.csv:1 demo: this column is missing"),
        ("units.csv", "All day,,,true,,,false,\nhz-pw", "All day,,,yes,,,false,\nhz-pw", "units.csv:2 service_zone: "),
        ("categories.csv", "other,其他", "rest,其他", "categories.csv:1 code: the category “other” is needed"),
        ("categories.csv", "none,station,吵", "none,county,吵", "categories.csv:2 function: a county or bureau target"),
        ("categories.csv", "none,station,吵", "none,moon,吵", "categories.csv:2 target: station, county or bureau"),
        ("days.csv", "west-lake,west-lake", "west-lake,east-lake", "days.csv:2 places: “east-lake” is not known"),
        ("places.csv", "330102", "330199", "places.csv:2 county: “330199” is not known"),
        ("places.csv", "湖滨路,false", "湖滨路", "places.csv:2: 5 cells where the header has 6"),
        ("areas.csv", "定安路社区", '"定安路社区', "areas.csv:5: unexpected end of data"),
    ],
)
def test_a_fault_says_where_it_is(folder, name, old, new, fault):
    change(folder, name, old, new)
    assert any(one.startswith(fault) for one in faults(folder))


def test_without_the_check_the_good_half_would_be_saved(folder):
    change(folder, "days.csv", "west-lake,west-lake", "west-lake,east-lake")
    found: list[Fault] = []
    places = directory.reference.read(folder, found)
    squares = plaza.reference.read(folder, found, places)
    directory.reference.save(places)
    plaza.reference.save(squares)
    assert found
    assert ActivityDay.objects.get().places.count() == 0


def test_what_fails_half_way_takes_everything_back(folder, monkeypatch):
    def broken(_found: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("suggestions.reference.save", broken)
    with pytest.raises(RuntimeError):
        reference.load(folder)
    assert not Area.objects.exists()


def test_a_file_from_an_old_spreadsheet_is_refused_in_words(folder):
    (folder / "places.csv").write_bytes(PLACES.encode("gbk"))
    assert "places.csv:1: the file is not in UTF-8" in faults(folder)


def test_a_byte_order_mark_is_no_fault(folder):
    (folder / "areas.csv").write_bytes(b"\xef\xbb\xbf" + AREAS.encode())
    reference.load(folder)


def test_the_command_says_what_changed_and_what_is_wrong(folder):
    out, err = StringIO(), StringIO()
    call_command("load_reference", data=folder, stdout=out)
    call_command("load_reference", data=folder, stdout=out)
    first, second = out.getvalue().splitlines()
    assert first.startswith("18 changed")
    assert second.startswith("0 changed")
    change(folder, "places.csv", "330102", "330199")
    with pytest.raises(CommandError, match="1 faults; nothing was changed"):
        call_command("load_reference", data=folder, stderr=err)
    assert err.getvalue().startswith("places.csv:2 county")
    assert Place.objects.get().area_id == "330102"


# --- on the ledger ----------------------------------------------------------------------------------------------------


def entries() -> list[tuple[str, str, str, dict]]:
    """What loading wrote on the ledger: by whom, of which kind, of which row, what."""
    told = AuditEntry.objects.filter(action="reference.changed").order_by("object_type", "object_id")
    return [(entry.actor, entry.object_type, entry.object_id, entry.data["values"]) for entry in told]


def test_what_decides_is_on_the_ledger_with_what_was_and_what_is(folder):
    reference.load(folder)
    reference.load(folder)
    assert entries() == [], "filling empty tables changes nothing, nor does the same again"
    change(folder, "units.csv", "Qingbo,station,general", "Qingbo,station,household")
    change(folder, "categories.csv", "noise,噪音,Noise,simple,5,none,station,吵|噪音,report", NOISE_IS_A_COMPLAINT)
    reference.load(folder)
    station = Unit.objects.get(code="hz-sc-qb")
    assert entries() == [
        ("system", "directory.unit", str(station.pk), {"function": ["general", "household"]}),
        ("system", "suggestions.category", "noise", {"kind": ["report", "complaint"], "reply_days": [5, 3]}),
    ]


NOISE_IS_A_COMPLAINT = "noise,噪音,Noise,simple,3,none,station,吵|噪音,complaint"
HARBOUR = "hz-sc-hb,港口派出所,Harbour,station,general,hz-sc,330102001,某路4号,110,全天,All day,,,false,,,false,"


def test_a_unit_that_moves_one_that_is_new_and_whose_areas_are_whose_are_on_it_too(folder):
    reference.load(folder)
    with (folder / "units.csv").open("a", encoding="utf-8") as units:
        units.write(f"{HARBOUR}\n")
    change(folder, "units.csv", "330102001,某路3号", ",某路3号")
    reference.load(folder)
    told = {int(pk): values for _actor, _kind, pk, values in entries() if "areas" not in values}
    harbour, station = Unit.objects.get(code="hz-sc-hb"), Unit.objects.get(code="hz-sc-qb")
    assert told[station.pk]["area_id"] == ["330102001", None]
    assert told[harbour.pk]["kind"] == [None, "station"]
    areas = AuditEntry.objects.filter(action="reference.changed", data__values__has_key="areas")
    assert {int(entry.object_id): entry.data["values"]["areas"] for entry in areas} == {
        station.pk: [["330102001"], []],
        harbour.pk: [[], ["330102001"]],
    }


def test_what_only_describes_is_not(folder):
    reference.load(folder)
    change(folder, "units.csv", "某路3号", "某路5号")
    change(folder, "categories.csv", "吵|噪音", "吵")
    assert reference.load(folder)["units"] == 1
    assert entries() == []


def test_a_rule_for_a_new_category_is_on_the_ledger(folder):
    reference.load(folder)
    with (folder / "categories.csv").open("a", encoding="utf-8") as categories:
        categories.write("dogs,养犬,Dogs,simple,5,none,station,狗,report\n")
    reference.load(folder)
    rule = RoutingRule.objects.get(category="dogs")
    assert AuditEntry.objects.filter(action="routing.saved", object_id=str(rule.pk), actor="system").count() == 1
    assert ("system", "suggestions.category", "dogs") in [entry[:3] for entry in entries()]
