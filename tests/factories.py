"""Small worlds for tests: a bureau with two counties, people with roles, cases in any state, made by the services."""

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.models import User
from core.policy import Role
from directory.models import Area, Membership, Officer, Unit
from suggestions import services
from suggestions.models import Category, RoutingRule, Suggestion
from suggestions.redaction import neutral
from suggestions.services import Voice
from suggestions.services.subjects import is_unread

_serial = count(1)
PASSWORD = "demo-Plaza-2026"


def area(code: str, name: str, name_en: str = "") -> Area:
    level = {4: "city", 6: "county", 9: "town", 12: "community"}[len(code)]
    parent = {4: None, 6: "3305", 9: code[:6], 12: code[:9]}[len(code)]
    made, _new = Area.objects.get_or_create(
        code=code, defaults={"name": name, "name_en": name_en, "level": level, "parent_id": parent}
    )
    return made


def unit(code: str, name: str, kind: str, parent: Unit | None = None, function: str = "general", **extra: Any) -> Unit:
    return Unit.objects.create(code=code, name=name, kind=kind, parent=parent, function=function, **extra)


def staff(role: Role, where: Unit | None, *, position: str = "handler", name: str = "演示") -> User:
    """A person with a badge, a role in a unit and, where it fits, an officer's post."""
    badge = f"{next(_serial):06d}"
    user = User.objects.create_staff(badge, PASSWORD, display_name=name, is_demo=True)
    Membership.objects.create(user=user, role=role, unit=where, starts=timezone.now() - timedelta(days=400))
    if where is not None and role in (Role.OFFICER, Role.LEADER, Role.TRIAGE):
        Officer.objects.create(badge_number=badge, name=name, unit=where, position=position, user=user)
    return user


def citizen(phone: str | None = None) -> User:
    return User.objects.create_citizen(phone=phone or f"199{next(_serial):08d}", display_name="演示市民")


def verified(phone: str | None = None) -> User:
    """A citizen whose identity is verified."""
    user = citizen(phone)
    user.id_fingerprint, user.id_verified_at, user.birth_year = f"id-{user.pk}", timezone.now(), 1956
    user.save()
    return user


def city() -> SimpleNamespace:
    """Huzhou in small: one bureau with triage desk and inspectorate, two sub-bureaus, three stations, people."""
    area("3305", "湖州市", "Huzhou")
    wuxing, nanxun = area("330502", "吴兴区", "Wuxing"), area("330503", "南浔区", "Nanxun")
    yuehe, chaoyang = area("330502001", "月河街道"), area("330502002", "朝阳街道")
    lianshi = area("330503101", "练市镇")
    community = area("330502001001", "月河社区")
    bureau = unit("huzhou", "湖州市公安局", "bureau")
    c = SimpleNamespace(
        wuxing_area=wuxing,
        nanxun_area=nanxun,
        yuehe_area=yuehe,
        lianshi_area=lianshi,
        community=community,
        bureau=bureau,
        desk=unit("huzhou-public-work", "民意中心", "department", bureau, "public_work"),
        inspectorate=unit("huzhou-inspectorate", "警务督察支队", "department", bureau, "inspectorate"),
        traffic_bureau=unit("huzhou-traffic", "交通警察支队", "department", bureau, "traffic"),
        wuxing=unit("wuxing", "吴兴区分局", "sub_bureau", bureau, area=wuxing),
        nanxun=unit("nanxun", "南浔区分局", "sub_bureau", bureau, area=nanxun),
    )
    c.wuxing_traffic = unit("wuxing-traffic", "吴兴交警大队", "department", c.wuxing, "traffic")
    c.yuehe = unit("wuxing-yuehe", "月河派出所", "station", c.wuxing, area=yuehe)
    c.chaoyang = unit("wuxing-chaoyang", "朝阳派出所", "station", c.wuxing, area=chaoyang)
    c.lianshi = unit("nanxun-lianshi", "练市派出所", "station", c.nanxun, area=lianshi)
    for station, town in ((c.yuehe, yuehe), (c.chaoyang, chaoyang), (c.lianshi, lianshi)):
        station.areas.add(town)
    c.noise = Category.objects.create(code="noise", name="噪音扰民", keywords=["噪音", "太吵"], reply_days=5)
    c.lights = Category.objects.create(
        code="traffic_lights", name="红绿灯与标线", keywords=["红绿灯", "标线"], reply_days=15, complexity="complex"
    )
    c.conduct = Category.objects.create(code="conduct", name="民警作风", kind="complaint", reply_days=15)
    c.other = Category.objects.create(code="other", name="其他", order=999)
    RoutingRule.objects.create(category=c.noise, target="station")
    RoutingRule.objects.create(category=c.lights, target="county", function="traffic")
    RoutingRule.objects.create(category=c.conduct, target="bureau", function="inspectorate")
    c.triage, c.triage2 = staff(Role.TRIAGE, c.desk), staff(Role.TRIAGE, c.desk)
    c.officer, c.officer2 = staff(Role.OFFICER, c.yuehe), staff(Role.OFFICER, c.yuehe)
    c.leader = staff(Role.LEADER, c.yuehe, position="chief")
    c.chaoyang_officer = staff(Role.OFFICER, c.chaoyang)
    c.chaoyang_leader = staff(Role.LEADER, c.chaoyang, position="chief")
    c.sub_leader = staff(Role.LEADER, c.wuxing, position="chief")
    c.inspector = staff(Role.LEADER, c.inspectorate, position="chief")
    c.inspector_officer = staff(Role.OFFICER, c.inspectorate)
    c.admin, c.admin2 = staff(Role.ADMIN, None), staff(Role.ADMIN, None)
    c.auditor, c.pollster = staff(Role.AUDITOR, None), staff(Role.POLLSTER, None)
    c.citizen = citizen("19900000001")
    return c


def say(c: SimpleNamespace, body: str = "小区楼下晚上广场舞音响太吵,老人睡不好觉。", **kind: Any) -> services.Receipt:
    """A new voice; ``user``, ``entered_by``, ``files`` and ``key`` go to the service, the rest describes the voice."""
    to_service = {name: kind.pop(name) for name in ("user", "entered_by", "files") if name in kind}
    key = kind.pop("key", f"key-{next(_serial)}")
    voice = {"category": c.noise, "area": c.yuehe_area, "publish": True, **kind}
    return services.submit(Voice(body=body, **voice), idempotency_key=key, **to_service)


def case(c: SimpleNamespace, state: str = "received", **kind: Any) -> Suggestion:
    """A case that the services brought to ``state``: any but merged and withdrawn.

    With consent the desk has read and ``published`` it, and its answer.
    """
    where, published = kind.pop("unit", c.yuehe), kind.pop("published", True)
    made = say(c, **kind).suggestion
    if state == "received":
        return made
    if state == "declined":
        return services.decline(made, by=c.triage, reason="这件事属于城管部门,请拨打12345热线。")
    services.accept(made, by=c.triage)
    if published and services.publishing.may_be_public(made):
        publish(c, made)
    if state == "accepted":
        return _fresh(made)
    # whatever words a test needs: where they could be about the police, the desk has read that they are not
    services.assign(made, by=c.triage, unit=where, no_complaint=is_unread(made))
    if state == "waiting":
        services.ask(made, by=c.officer, question="请问是哪一栋楼下?")
    if state in ("replied", "closed"):
        answer(c, made)
    if state == "closed":
        services.confirm(made)
    return _fresh(made)


def publish(c: SimpleNamespace, made: Suggestion) -> Suggestion:
    """The desk reads the case with every signed answer, and shows it in the words it has or is proposed to have."""
    made = _fresh(made)
    said = {reply.pk: reply.neutral_text for reply in made.replies.filter(state="signed")}
    title, body = made.public_title or neutral(made.title), made.public_body or neutral(made.body)
    return services.publish(made, by=c.triage, title=title, body=body, answers=said)


def answer(
    c: SimpleNamespace, made: Suggestion, text: str = "您好,民警已到现场,劝导舞队九点前结束并调低音量。"
) -> Suggestion:
    """The officer of Yuehe drafts and its leader signs; where the case is public, the desk reads and shows it too."""
    services.draft_reply(made, by=c.officer, text=text)
    services.sign_reply(made, by=c.leader)
    return publish(c, made) if _fresh(made).published_at else _fresh(made)


def _fresh(made: Suggestion) -> Suggestion:
    return Suggestion.objects.select_related("unit", "category").get(pk=made.pk)
