"""Made-up content for the style guide, so that every component is seen with something in it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
            "您说:罗师庄路口红绿灯时间太短",
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
            "早晚高峰绿灯已由 18 秒改为 30 秒,并加装了老人过街按钮。\n感谢您提出来。",
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
        "steps": ["说一说", "确认", "拿到查询码"],
    }
