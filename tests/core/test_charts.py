"""A chart says the same in its picture, its sentence, its table and its file."""

import csv
import io
import json
import re
from datetime import date
from urllib.parse import unquote

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import translation

from core.charts import Chart, Limit, Series, percents
from tests.pages import squeezed

COUNTIES = ("吴兴区", "南浔区", "德清县")


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def satisfaction(**change) -> Chart:
    series = Series(
        "满意度",
        (97.14, None, 95.0),
        low=(96, None, 92),
        high=(98, None, 97),
        n=(1204, "<10", 300),
        words=("", "<10", ""),
    )
    options = {
        "unit": "%",
        "places": 1,
        "heading": "区县",
        "of": "已评价的答复",
        "n": 1504,
        "as_of": date(2026, 11, 24),
    }
    return Chart("各区县满意度", "bar", COUNTIES, (series,), **options | change)


def draw(chart: Chart, **options) -> str:
    return Template('{% chart chart name="satisfaction" %}').render(Context({"chart": chart, **options}))


def test_the_table_has_every_value_with_its_interval_and_n():
    chart = satisfaction()
    assert chart.columns == ["满意度", "95% 区间", "n"]
    assert chart.rows == [
        ("吴兴区", ["97.1%", "96.0% – 98.0%", "1,204"]),
        ("南浔区", ["<10", "–", "<10"]),
        ("德清县", ["95.0%", "92.0% – 97.0%", "300"]),
    ]


def test_the_sentence_names_the_highest_and_the_lowest():
    assert satisfaction().sentence == "满意度：最高是吴兴区，97.1%；最低是德清县，95.0%。"
    assert satisfaction(summary="都好。").sentence == "都好。"


def test_a_line_tells_where_it_began_and_where_it_is():
    chart = Chart("答复", "line", ("1月", "2月", "3月"), (Series("答复", (None, 12, 1300)),), unit="件")
    assert chart.sentence == "答复：2月 12 件，3月 1,300 件。"
    assert chart.columns == ["答复 (件)"]


def test_a_row_may_stand_in_the_table_alone_with_a_unit_of_its_own():
    on_time = Series("按时", (97.14, None, 100), drawn=False, unit="%", places=1)
    chart = Chart("收到", "bar", COUNTIES, (Series("收到", (1204, 8, 33)), on_time), unit="件")
    assert chart.columns == ["收到 (件)", "按时"]
    assert chart.rows[0] == ("吴兴区", ["1,204", "97.1%"])
    assert [one["label"] for one in chart.payload()["series"]] == ["收到"]
    assert "按时" not in chart.sentence


def test_nothing_to_show_is_said_and_not_drawn():
    empty = Chart("答复", "bar", COUNTIES, (Series("答复", (None, None, None)),))
    assert empty.sentence == "现在还没有可以公布的数字。"
    assert "<canvas" not in draw(empty)
    assert "<canvas" in draw(satisfaction())


def test_the_file_holds_raw_numbers_and_what_is_hidden():
    rows = list(csv.reader(io.StringIO(satisfaction().file)))
    assert rows[0] == ["区县", "满意度 (%)", "满意度 low", "满意度 high", "满意度 n"]
    assert rows[1] == ["吴兴区", "97.14", "96", "98", "1204"]
    assert rows[2] == ["南浔区", "<10", "", "", "<10"]
    address = satisfaction().file_address
    assert unquote(address.partition(",")[2]).lstrip("\ufeff") == satisfaction().file


def test_the_page_has_the_figures_as_data_and_what_they_are_a_share_of():
    html = draw(satisfaction())
    payload = json.loads(re.search(r'<script id="[^"]+" type="application/json">(.*?)</script>', html).group(1))
    assert payload["series"][0]["values"] == [97.14, None, 95.0]
    assert payload["series"][0]["words"] == ["", "<10", ""]
    for words in ("n = 1,504", "占已评价的答复", "11月24日"):
        assert words in html


def test_names_are_never_markup():
    evil = '</script><img src=x onerror="alert(1)">'
    html = draw(Chart(evil, "bar", (evil,), (Series(evil, (1,), words=(evil,)),), note=evil, of=evil))
    assert "<img" not in html
    assert not re.search(r"\sstyle=|<style", html)


@pytest.mark.parametrize("row", ["values", "low", "high", "n", "words"])
def test_a_row_that_is_too_short_is_refused(row):
    rows = {"values": (1, 2, 3), row: (1, 2)}
    with pytest.raises(ValueError, match="2 values for 3 categories"):
        Chart("x", "bar", COUNTIES, (Series("x", **rows),))


def test_shares_become_percents():
    assert percents([0.5, None]) == [50.0, None]


def test_the_drawing_library_is_where_the_page_looks_for_it():
    path = finders.find("unfold/js/chart/chart.js")
    assert path is not None
    with open(path, encoding="utf-8") as script:
        assert "globalThis:t||self).Chart=" in script.read(400)


def test_only_a_page_that_asks_loads_it():
    assets = Template("{% chart_assets %}").render(Context())
    assert "unfold/js/chart/chart.js" in assets
    assert "js/charts.js" in assets
    assert "chart.js" not in draw(satisfaction())


def funnel(**change) -> Chart:
    options = {
        "sizes": (120.5, 90, 300),
        "target": 95,
        "limits": (Limit(90, 90, 98, 86, 99), Limit(300, 92, 97, 90, 98)),
        "marked": (False, True, False),
        "links": ("/a/", "", "/c/"),
    }
    return Chart("真有差别吗", "funnel", COUNTIES, (Series("满意度", (97, 88, 95)),), unit="%", **options | change)


def test_a_funnel_hands_over_sizes_limits_target_and_who_stands_out():
    payload = funnel().payload()
    assert payload["sizes"] == [120.5, 90, 300]
    assert payload["limits"][0] == [90, 90, 98, 86, 99]
    assert (payload["target"], payload["marked"]) == (95, [False, True, False])
    assert "sizes" not in satisfaction().payload()


def test_names_lead_on_where_they_have_an_address():
    page = squeezed(draw(funnel()))
    assert '<a href="/a/">吴兴区</a>' in page
    assert '<th scope="row">南浔区</th>' in page
    with pytest.raises(ValueError, match="真有差别吗"):
        funnel(links=("/a/",))


def test_a_tile_is_as_dark_as_the_steps_it_reaches():
    chart = satisfaction(steps=(80, 90, 95, 97), spots=((0, 0), (1, 0), (0, 1)))
    tiles = Chart(**{**{f: getattr(chart, f) for f in chart.__slots__}, "kind": "tiles"})
    assert tiles.payload()["shades"] == [4, None, 3]
    assert tiles.payload()["spots"] == [[0, 0], [1, 0], [0, 1]]


def test_a_long_table_stays_closed_until_asked_for():
    names = tuple(f"第{n}个" for n in range(25))
    assert Chart("很多", "bar", names, (Series("数", (1,) * 25),)).is_long
    assert not satisfaction().is_long
