"""Made-up content for the style guide, so that every component is seen with something in it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.charts import Chart, Series
from core.icons import STATE_LOOKS
from core.keyset import Page
from core.thread import Node

LEVELS = (
    (5, gettext_lazy("Very satisfied")),
    (4, gettext_lazy("Satisfied")),
    (3, gettext_lazy("Fairly satisfied")),
    (2, gettext_lazy("Dissatisfied")),
    (1, gettext_lazy("Very dissatisfied")),
)
WAYS = (("named", gettext_lazy("With my name")), ("anonymous", gettext_lazy("Without my name")))


class ExampleForm(forms.Form):
    """One field of each kind."""

    body = forms.CharField(
        label=gettext_lazy("What would you like to say?"),
        max_length=3000,
        widget=forms.Textarea,
        help_text=gettext_lazy("One thing at a time is answered fastest."),
    )
    place = forms.CharField(label=gettext_lazy("Where is it?"), required=False)
    phone = forms.CharField(label=gettext_lazy("Your phone number"))
    kind = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=(("a", "交通信号灯"), ("b", "噪声扰民")))
    way = forms.ChoiceField(label=gettext_lazy("How do you want to speak?"), choices=WAYS, widget=forms.RadioSelect)
    level = forms.TypedChoiceField(  # type: ignore[call-arg]  # the stubs do not know template_name yet
        label=gettext_lazy("Are you satisfied?"),
        choices=LEVELS,
        widget=forms.RadioSelect,
        template_name="components/rating.html",
    )
    photos = forms.FileField(label=gettext_lazy("Photos"), required=False)
    publish = forms.BooleanField(label=gettext_lazy("The answer may be published, without my name"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].hints = {  # type: ignore[attr-defined]
            "named": _("Only the handling officer's case number goes round; your name stays sealed."),
            "anonymous": _("You follow your case with the tracking code alone."),
        }


@dataclass(frozen=True, slots=True)
class ExampleOfficer:
    """An officer who does not exist."""

    name: str = "沈明远"
    position: str = "社区民警"
    unit: str = "月河派出所"
    phone: str = "0572-0000110"
    badge_number: str = "330500001"
    beats: str = "罗师庄社区"


def example_thread() -> list[Node]:
    """A case from its first word to what is still promised."""
    now = timezone.now()
    return [
        Node(
            "您说：罗师庄路口红绿灯时间太短",
            now - timedelta(days=9),
            "您(匿名)",
            "老人过马路走到一半就变红灯了。",
            kind="said",
        ),
        Node("已受理", now - timedelta(days=8, hours=20), "民意中心", kind="accepted"),
        Node("已交办", now - timedelta(days=8, hours=19), "交警支队", kind="assigned"),
        Node(
            "已答复",
            now - timedelta(days=3),
            "交警支队 · 民警 330500012",
            "早晚高峰绿灯已由 18 秒改为 30 秒，并加装了老人过街按钮。\n感谢您提出来。",
            kind="reply",
        ),
        Node(
            "等您确认",
            kind="rated",
            current=True,
            what="confirm",
            due=now + timedelta(days=2),
            url="#rate",
            link_text="去评价",
        ),
        Node("311 个相似的声音成为候选项目", kind="candidate", done=False, url="#candidate"),
    ]


def example_charts() -> list[Chart]:
    """One chart of each kind: shares with intervals by county, two rates over time, one whole in five parts."""
    today = timezone.localdate()
    counties = Series(
        "满意度",
        (97.1, 95.4, 96.8, None, 98.0),
        low=(96.0, 92.9, 95.1, None, 96.6),
        high=(98.0, 97.1, 98.0, None, 98.9),
        n=(1204, 431, 640, "<10", 733),
        words=("", "", "", "<10", ""),
    )
    months = tuple(f"{month}月" for month in range(1, 13))
    on_time = Series("按时答复", (91.0, 92.5, 90.8, 93.3, 94.1, 95.0, 94.6, 95.9, 96.2, 96.0, 97.1, 97.4))
    content = Series("满意", (88.0, 87.2, 89.9, 90.5, None, 91.0, 92.2, 91.8, 93.0, 93.9, 94.1, 94.0))
    levels = Series("评价", (61.0, 27.5, 8.0, 2.5, 1.0))
    common: dict[str, Any] = {"unit": "%", "places": 1, "as_of": today}
    names = ("吴兴区", "南浔区", "德清县", "长兴县", "安吉县")
    words = tuple(str(word) for _level, word in LEVELS)
    return [
        Chart("各区县满意度", "bar", names, (counties,), heading="区县", of="已评价的答复", n=3008, **common),
        Chart("按时答复与满意", "line", months, (on_time, content), heading="月份", n=26013, **common),
        Chart("市民的评价", "share", words, (levels,), heading="评价", n=3008, **common),
    ]


def examples() -> dict[str, Any]:
    """The context of the style guide page."""
    now = timezone.now()
    return {
        "form": ExampleForm(),
        "wrong": ExampleForm({"body": "红绿灯太短", "phone": ""}, auto_id="wrong_%s"),
        "nodes": example_thread(),
        "states": list(STATE_LOOKS),
        "dues": [now + timedelta(days=days) for days in (12, 2, 0, -3)],
        "done_late": (now - timedelta(days=5), now - timedelta(days=2)),
        "now": now,
        "officer": ExampleOfficer(),
        "page": Page([], "newer", "older"),
        "pairs": [("编号", "HZ-2026-001234"), ("分类", "交通信号灯"), ("地点", "吴兴区月河街道罗师庄路口")],
        "tabs": [
            {"label": "待受理", "url": "#1", "count": 12, "current": True},
            {"label": "即将到期", "url": "#2", "count": 3, "tone": "amber"},
            {"label": "已超期", "url": "#3", "count": 1, "tone": "red"},
            {"label": "等待补充", "url": "#4", "count": 4},
        ],
        "charts": example_charts(),
        "steps": ["说一说", "确认", "拿到查询码"],
    }
