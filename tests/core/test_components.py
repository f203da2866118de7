"""The pieces pages are made of: they say the right words, escape what people type and lead to the right field."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from core import day_words
from core.context import CITIZEN_NAV, DESK_NAV, current_place, preferences
from core.keyset import Page
from core.thread import Node
from core.views import csrf_failure
from core.views import preferences as preferences_view
from tests.pages import page_of

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10:00 in Huzhou, a Tuesday


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False), translation.override("zh-hans"):
        yield


def draw(source: str, **context: object) -> str:
    request = RequestFactory().get("/suggestions/", {"unit": "3", "cursor": "old"})
    return Template(source).render(Context({"request": request, **context}))


class SayForm(forms.Form):
    body = forms.CharField(label="内容", widget=forms.Textarea, help_text="一次说一件事")
    way = forms.ChoiceField(label="方式", choices=[("a", "留名"), ("b", "匿名")], widget=forms.RadioSelect)


# --- days and promises ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (date(2026, 12, 3), "12月3日（周四）", "Thu 3 Dec"),
        (date(2027, 1, 5), "2027年1月5日（周二）", "Tue 5 Jan 2027"),
        (datetime(2026, 12, 2, 16, 30, tzinfo=UTC), "12月3日（周四）", "Thu 3 Dec"),  # already the 3rd in Huzhou
        (None, "", ""),
    ],
)
def test_a_day_is_told_in_both_languages(moment, zh, en):
    assert day_words.day(moment) == zh
    with translation.override("en"):
        assert day_words.day(moment) == en


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=5), "5 分钟前"),
        (timedelta(hours=3), "3 小时前"),
        (timedelta(hours=11), "11 小时前"),  # yesterday by the calendar, but it does not feel so
        (timedelta(hours=20), "昨天"),
        (timedelta(days=4), "4 天前"),
        (timedelta(days=9), "11月15日（周日）"),
    ],
)
def test_ago(passed, words):
    assert day_words.ago(NOW - passed) == words


@pytest.mark.parametrize(
    ("ahead", "level", "left"),
    [
        (timedelta(days=9), "ok", "还剩 9 天"),
        (timedelta(days=2), "near", "还剩 2 天"),
        (timedelta(days=1), "near", "明天到期"),
        (timedelta(hours=5), "near", "今天到期"),
        (timedelta(hours=-1), "over", "今天已超期"),
        (timedelta(days=-3), "over", "已超期 3 天"),
    ],
)
def test_a_promise_turns_amber_and_red_with_time(ahead, level, left):
    promise = day_words.promise(NOW + ahead)
    assert (promise.level, promise.left) == (level, left)


def test_the_citizen_reads_a_sentence_and_the_desk_a_day():
    due = datetime(2026, 12, 3, 15, 59, 59, tzinfo=UTC)
    assert "最迟 12月3日（周四）答复您" in draw("{% deadline due %}", due=due)
    desk = draw('{% deadline due audience="desk" %}', due=due)
    assert "12月3日（周四）" in desk
    assert "最迟" not in desk


def test_a_kept_promise_is_calm_and_a_broken_one_says_how_late():
    assert "deadline--done" in draw("{% deadline due done_at=due %}", due=NOW)
    late = draw("{% deadline due done_at=done %}", due=NOW - timedelta(days=3), done=NOW)
    assert "deadline--late" in late
    assert "已超期 3 天" in late


# --- components -------------------------------------------------------------------------------------------------


def test_the_thread_tells_what_happened_and_what_is_promised():
    nodes = [
        Node("说了", NOW, "您", "灯太暗\n<script>x</script>", kind="said"),
        Node("等答复", kind="reply", done=False, due=NOW + timedelta(days=3), current=True),
    ]
    html = draw("{% thread nodes %}", nodes=nodes)
    assert html.count("<li") == 2
    assert "<script>" not in html
    assert "thread__node--pending" in html
    assert html.count('aria-current="step"') == 1
    assert "最迟 11月27日（周五）答复您" in html


@pytest.mark.parametrize("evil", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>"])
@pytest.mark.parametrize(
    "source",
    [
        "{% badge evil %}",
        "{% card title=evil href=evil %}{{ evil }}{% endcard %}",
        "{% row title=evil meta=evil href=evil %}{{ evil }}{% endrow %}",
        "{% notice title=evil %}{{ evil }}{% endnotice %}",
        "{% button name=evil %}{{ evil }}{% endbutton %}",
        "{% link_button href=evil %}{{ evil }}{% endlink_button %}",
        "{% figure evil evil of=evil n=evil %}",
        "{% tracking_code evil %}",
        "{% qr evil label=evil %}",
        "{% search_field value=evil placeholder=evil %}",
        "{% definition_list pairs %}",
        "{% page_head title=evil lede=evil eyebrow=evil %}{{ evil }}{% endpage_head %}",
        "{% table caption=evil %}{{ evil }}{% endtable %}",
        "{% officer_card officer href=evil %}",
    ],
)
def test_what_people_type_is_never_markup(source, evil):
    html = draw(source, evil=evil, pairs=[(evil, evil)], officer={"name": evil, "unit": evil, "phone": evil})
    assert "<script>" not in html
    assert "<img" not in html


def test_a_button_takes_attributes_and_says_what_happens():
    html = draw('{% button kind="own" name="do" value="rate" data_confirm="好吗" %}评价{% endbutton %}')
    assert 'class="button button--own"' in html
    assert 'data-confirm="好吗"' in html
    assert 'type="submit"' in html


def test_no_component_needs_an_inline_style_or_script():
    html = draw("{% qr 'x' %}{% share_bar 1 3 %}{% tracking_code 'AB' %}{% figure 1 'x' %}")
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", html)


def test_a_share_bar_stays_within_its_whole():
    assert 'width="33.3"' in draw("{% share_bar 1 3 %}")
    assert 'width="100.0"' in draw("{% share_bar 9 3 %}")
    assert 'width="0.0"' in draw("{% share_bar 1 0 %}")


def test_the_pager_keeps_the_filters_and_drops_the_old_place():
    html = draw("{% pager page %}", page=Page([], None, "next"))
    assert "unit=3" in html
    assert "cursor=next" in html
    assert "cursor=old" not in html
    assert 'rel="prev"' not in html


def test_a_state_has_a_colour_an_icon_and_a_word():
    html = draw('{% state "replied" label="已答复" %}')
    assert "badge--solid" in html
    assert "#reply" in html
    assert "已答复" in html


# --- forms ------------------------------------------------------------------------------------------------------


def test_a_wrong_form_keeps_the_words_and_links_each_error_to_its_field():
    form = SayForm({"body": "灯太暗"})
    html = draw("{{ form }}", form=form)
    assert "灯太暗</textarea>" in html
    assert 'href="#id_way_0"' in html
    assert 'id="id_way_0"' in html
    assert "请改正下面 1 处" in html


def test_an_empty_field_names_its_hint_and_its_error():
    html = draw("{{ form }}", form=SayForm({"way": "a"}))
    described = re.search(r'<textarea[^>]*aria-describedby="([^"]+)"', html)
    assert described is not None
    for name in described.group(1).split():
        assert f'id="{name}"' in html
    assert re.search(r'<textarea[^>]*aria-invalid="true"', html)


def test_a_right_form_has_no_error_summary():
    assert "error-summary" not in draw("{{ form }}", form=SayForm({"body": "x", "way": "a"}))


def test_the_five_levels_are_radios_with_words():
    class RateForm(forms.Form):
        level = forms.ChoiceField(choices=[("5", "非常满意"), ("1", "非常不满意")], widget=forms.RadioSelect)

    html = draw("{% rating form.level %}", form=RateForm())
    assert html.count('type="radio"') == 2
    assert "#face-5" in html
    assert "非常不满意" in html


# --- preferences and frames -------------------------------------------------------------------------------------


def post_preferences(**data: str) -> HttpResponse:
    return preferences_view(RequestFactory().post("/preferences/", data))


def test_large_print_is_remembered_and_leads_back():
    response = post_preferences(elder="1", next="/track/")
    assert response.url == "/track/"
    assert response.cookies["elder"].value == "1"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_preferences_never_lead_elsewhere(away):
    assert post_preferences(theme="dark", next=away).url == "/"


def test_an_unknown_theme_is_not_remembered():
    assert "theme" not in post_preferences(theme="<b>").cookies


def test_cookies_reach_the_page():
    request = RequestFactory().get("/desk/rules/")
    request.COOKIES.update(elder="1", theme="dark")
    context = preferences(request)
    assert (context["elder"], context["theme"], context["next_theme"]) == (True, "dark", "light")
    assert context["here"] == "/desk/rules/"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/suggestions/new/", "/suggestions/new/"),
        ("/suggestions/12/", "/suggestions/"),
        ("/desk/9/", "/desk/"),
        ("/", ""),
    ],
)
def test_the_navigation_knows_where_it_is(path, place):
    assert current_place(path, CITIZEN_NAV + DESK_NAV) == place


def test_an_expired_form_gives_the_words_back_but_no_secret(settings):
    data = {"body": "路灯坏了三个月了", "contact_phone": "13800138000", "password": "secret-secret", "ok": "1"}
    request = RequestFactory().post("/suggestions/new/", data)
    request.user, request._messages = None, []
    response = csrf_failure(request)
    page = page_of(response)
    assert response.status_code == 403
    assert "路灯坏了三个月了" in page
    assert "13800138000" not in page
    assert "secret-secret" not in page


def test_the_demo_is_marked(settings):
    settings.DEMO = True
    assert preferences(RequestFactory().get("/"))["demo"] is True
    assert "演示" in draw('{% extends "base.html" %}', demo=True, user=None)
    assert "demo-mark" not in draw('{% extends "base.html" %}', demo=False, user=None)


def test_the_day_is_that_of_huzhou():
    assert timezone.localdate() == date(2026, 11, 24)
