"""Cases live at random, as everybody who may touch one, and no promise breaks (see ``tests.lives``)."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from core import audit, clock, outbox
from suggestions import services
from suggestions.kept import CASE, OPENING
from suggestions.models import Extension, FollowUp, IdentityOpening, Suggestion
from tests import factories
from tests.core.broken_promises import asleep, raw
from tests.lives import Life, by, live, require_lived

WHICH = st.integers(0, 5)
TRIAGE, OFFICER, LEADER = by("triage", "triage2"), by("its officer"), by("its leader")
OF_UNIT = {"wuxing-yuehe": ("officer", "leader"), "wuxing-chaoyang": ("chaoyang_officer", "chaoyang_leader")}
UNITS = st.sampled_from(["yuehe", "yuehe", "yuehe", "chaoyang", "inspectorate", "wuxing_traffic"])
CATEGORIES = st.sampled_from(["noise", "noise", "lights", "conduct", "other"])
WORDS = st.sampled_from(["请尽快处理。", "又坏了,没有解决。", "已经电话联系过,约好明天上门查看。"])
VERBS = """submit accept decline assign accept_and_assign classify merge unmerge split escalate name_subject transfer
take set_handler add_co_handler note ask answer add_information draft_reply return_draft sign_reply close confirm rate
reopen withdraw request_extension decide_extension request_opening open_identity publish unpublish finish_follow_up
time_passes""".split()  # noqa: SIM905


def time_passes(days: int) -> None:
    """Everything that was done to cases was done so many days earlier; then the sweeps run until nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, string_agg(format('%%1$I = %%1$I - %%2$L::interval', column_name, %s), ', ')"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'suggestions\\_%%'"
            " AND data_type = 'timestamp with time zone' GROUP BY 1",
            [f"{days} days"],
        )
        shifts = cursor.fetchall()
    with asleep():
        for table, columns in shifts:
            raw(f"UPDATE {table} SET {columns}")  # noqa: S608  names out of the catalogue
    for case in Suggestion.objects.all():
        audit.record("tests.time_passed", case, kept=CASE.digest(case.pk))
    for opening in IdentityOpening.objects.all():
        audit.record("tests.time_passed", opening, kept=OPENING.digest(opening.pk))
    sweep()


def sweep() -> None:
    """Every sweep, until nothing is due."""
    while services.send_due_reminders() + services.resume_unanswered() + services.close_confirmed_by_silence():
        pass


class Cases(Life):
    rooms = ("suggestions",)
    at_the_end = ("suggestions", "core")

    def begin(self) -> None:
        self.cases: list[Suggestion] = []

    def tick(self) -> None:
        self.do(sweep)

    def case(self, which: int, *states: str) -> Suggestion:
        """One of the cases; the last number takes any, the others one in these states, if there is one."""
        ours = Suggestion.objects.filter(pk__in=[case.pk for case in self.cases]).order_by("pk")
        fitting = list(ours.filter(state__in=states)) if states and which < 5 else []
        found = fitting or list(ours)
        return found[which % len(found)]

    def done_by(self, name: str, case: Suggestion) -> Any:
        """Who is meant: a person, or whoever has that post in the unit of the case."""
        officer, leader = OF_UNIT.get(case.unit.code, ("inspector_officer", "inspector"))
        return self.who({"its officer": officer, "its leader": leader}.get(name, name))

    def act(self, service: Callable[..., Any], case: Suggestion, by: str, **kind: Any) -> Any:
        return self.do(service, case, by=self.done_by(by, case), **kind)

    @initialize()
    def some_are_at_work_already(self) -> None:
        for state in ("received", "accepted", "assigned", "replied"):
            self.cases.append(factories.case(self.city, state, contact_name="李秀英", contact_phone="19900007788"))

    # the citizen

    @rule(
        category=CATEGORIES,
        publish=st.booleans(),
        left=st.booleans(),
        named=st.sampled_from([None, None, None, "yuehe", "chaoyang"]),
        signed_in=st.booleans(),
    )
    def submit(self, category, publish, left, named, signed_in):
        if len(self.cases) > 7:
            return
        voice = {
            "category": self.who(category),
            "publish": publish,
            "subjects": [(self.who(named), None)] if named else [],
            "user": self.city.citizen if signed_in else None,
        } | ({"contact_name": "李秀英", "contact_phone": "19900007788"} if left else {})
        receipt = self.do(lambda: factories.say(self.city, **voice))
        if receipt:
            self.done["submit"] += 1
            self.cases.append(receipt.suggestion)

    @rule(which=WHICH, words=WORDS)
    def add_information(self, which, words):
        self.do(services.add_information, self.case(which, "received", "assigned"), text=words)

    @rule(which=WHICH, words=WORDS)
    def answer(self, which, words):
        self.do(services.answer, self.case(which, "waiting"), text=words)

    @rule(which=WHICH, level=st.integers(1, 5))
    def rate(self, which, level):
        self.do(services.rate, self.case(which, "replied", "closed", "declined"), level=level)

    @rule(which=WHICH)
    def confirm(self, which):
        self.do(services.confirm, self.case(which, "replied"))

    @rule(which=WHICH, words=WORDS)
    def reopen(self, which, words):
        self.do(services.reopen, self.case(which, "replied", "closed", "declined"), reason=words)

    @rule(which=WHICH, really=st.sampled_from([True, False, False]))
    def withdraw(self, which, really):
        if really:
            self.do(services.withdraw, self.case(which))

    @rule(which=WHICH, by=by("citizen"))
    def support(self, which, by):
        self.do(services.support, self.case(which), user=self.who(by))

    # the desk

    @rule(which=WHICH, by=TRIAGE)
    def accept(self, which, by):
        self.act(services.accept, self.case(which, "received"), by)

    @rule(which=WHICH, by=TRIAGE, words=WORDS)
    def decline(self, which, by, words):
        self.act(services.decline, self.case(which, "received", "accepted"), by, reason=words)

    @rule(which=WHICH, by=TRIAGE, unit=UNITS | st.none())
    def assign(self, which, by, unit):
        self.act(services.assign, self.case(which, "accepted"), by, unit=self.who(unit) if unit else None)

    @rule(which=WHICH, by=TRIAGE, unit=UNITS | st.none())
    def accept_and_assign(self, which, by, unit):
        self.act(services.accept_and_assign, self.case(which, "received"), by, unit=self.who(unit) if unit else None)

    @rule(which=WHICH, by=TRIAGE, category=CATEGORIES)
    def classify(self, which, by, category):
        self.act(
            services.classify, self.case(which, "accepted", "assigned"), by, category=self.who(category), area=None
        )

    @rule(which=WHICH, into=WHICH, by=TRIAGE)
    def merge(self, which, into, by):
        self.do(services.merge, self.case(which, "received", "accepted"), into=self.case(into), by=self.who(by))

    @rule(which=WHICH, by=TRIAGE)
    def unmerge(self, which, by):
        self.act(services.unmerge, self.case(which, "merged"), by)

    @precondition(lambda self: len(self.cases) < 8)
    @rule(which=WHICH, by=TRIAGE, words=WORDS, category=CATEGORIES)
    def split(self, which, by, words, category):
        kind = {"body": words, "category": self.who(category), "area": None}
        part = self.act(services.split, self.case(which, "received", "accepted", "assigned"), by, **kind)
        if part:
            self.cases.append(part)

    @rule(which=WHICH, by=TRIAGE, words=WORDS)
    def escalate(self, which, by, words):
        self.act(services.escalate, self.case(which, "assigned"), by, reason=words)

    @rule(which=WHICH, by=TRIAGE, unit=UNITS, officer=st.sampled_from([None, "officer", "leader"]))
    def name_subject(self, which, by, unit, officer):
        named = self.who(officer).officer if officer else None
        self.act(services.name_subject, self.case(which), by, unit=self.who(unit), officer=named)

    @rule(which=WHICH, by=TRIAGE, shown=st.booleans())
    def publish(self, which, by, shown):
        case = self.case(which, "accepted", "assigned", "replied")
        answers = {reply.pk: "已经处理。" if shown else "" for reply in case.replies.filter(state="signed")}
        words = {"title": "广场舞", "body": "晚上太吵。", "answers": answers, "reason": "答复里有地址。"}
        self.act(services.publish, case, by, **words)

    @rule(which=WHICH, by=TRIAGE, words=WORDS)
    def keep_back(self, which, by, words):
        self.act(services.keep_back, self.case(which, "accepted", "assigned", "replied"), by, reason=words)

    @rule(which=WHICH, by=TRIAGE, words=WORDS)
    def unpublish(self, which, by, words):
        self.act(services.unpublish, self.case(which, "accepted", "assigned", "replied"), by, reason=words)

    # the unit

    @rule(which=WHICH, by=TRIAGE, unit=st.sampled_from(["yuehe", "chaoyang"]), words=WORDS)
    def transfer(self, which, by, unit, words):
        self.act(services.transfer, self.case(which, "assigned"), by, unit=self.who(unit), reason=words)

    @rule(which=WHICH, by=OFFICER)
    def take(self, which, by):
        self.act(services.take, self.case(which, "assigned"), by)

    @rule(which=WHICH, by=LEADER, officer=st.sampled_from(["officer", "officer2", "chaoyang_officer"]))
    def set_handler(self, which, by, officer):
        self.act(services.set_handler, self.case(which, "assigned"), by, officer=self.who(officer).officer)

    @rule(which=WHICH, by=LEADER, unit=UNITS)
    def add_co_handler(self, which, by, unit):
        self.act(services.add_co_handler, self.case(which, "assigned"), by, unit=self.who(unit))

    @rule(which=WHICH, by=OFFICER, words=WORDS)
    def note(self, which, by, words):
        self.act(services.note, self.case(which), by, text=words)

    @rule(which=WHICH, by=OFFICER, words=WORDS)
    def ask(self, which, by, words):
        self.act(services.ask, self.case(which, "assigned"), by, question=words)

    @rule(which=WHICH, by=OFFICER)
    def draft_reply(self, which, by):
        words = "您好,民警已到现场查看,今后每晚巡查一次。"
        self.act(services.draft_reply, self.case(which, "assigned"), by, text=words)

    @rule(which=WHICH, by=LEADER, words=WORDS)
    def return_draft(self, which, by, words):
        self.act(services.return_draft, self.case(which, "assigned"), by, reason=words)

    @rule(which=WHICH, by=LEADER)
    def sign_reply(self, which, by):
        self.act(services.sign_reply, self.case(which, "assigned"), by)

    @rule(which=WHICH, by=LEADER)
    def close(self, which, by):
        self.act(services.close, self.case(which, "replied"), by)

    @rule(which=WHICH, by=OFFICER, days=st.integers(1, 16), words=WORDS)
    def request_extension(self, which, by, days, words):
        self.act(services.request_extension, self.case(which, "assigned"), by, days=days, reason=words)

    @rule(which=WHICH, by=by("its leader", "admin", "admin2"), grant=st.booleans(), words=WORDS)
    def decide_extension(self, which, by, grant, words):
        waiting = Extension.objects.filter(state__in=["requested", "approved"]).order_by("pk")
        if waiting:
            asked = waiting[which % len(waiting)]
            decider = self.done_by(by, asked.suggestion)
            self.do(services.decide_extension, asked, by=decider, grant=grant, reason=words)

    @rule(which=WHICH, by=LEADER, words=WORDS)
    def finish_follow_up(self, which, by, words):
        waiting = FollowUp.objects.filter(done_at=None).order_by("pk")
        if waiting:
            one = waiting[which % len(waiting)]
            self.do(services.finish_follow_up, one, by=self.done_by(by, one.suggestion), note=words)

    # identities

    @rule(which=WHICH, by=TRIAGE)
    def request_opening(self, which, by):
        self.act(services.request_opening, self.case(which), by, reason="需要电话联系当事人核实地点。")

    @rule(which=WHICH, by=by("admin", "admin2"), agree=st.booleans(), words=WORDS)
    def decide_opening(self, which, by, agree, words):
        asked = self.case(which).openings.filter(opened_at=None).first()
        if asked and agree:
            self.do(services.approve_opening, asked, by=self.who(by))
        elif asked:
            self.do(services.refuse_opening, asked, by=self.who(by), reason=words)

    @rule(which=WHICH, by=TRIAGE)
    def open_identity(self, which, by):
        asked = self.case(which).openings.filter(opened_at=None).first()
        if asked:
            self.do(services.open_identity, asked, by=asked.requested_by if by.startswith("triage") else self.who(by))

    # straight ways of several steps, which dice alone seldom find

    @rule(which=WHICH, by=OFFICER, then=LEADER, sent_back=st.booleans(), content=st.booleans())
    def it_is_answered(self, which, by, then, sent_back, content):
        case, words = self.case(which, "assigned"), "您好,民警已到现场查看,今后每晚巡查一次。"
        if not self.act(services.draft_reply, case, by, text=words):
            return
        if sent_back:
            self.act(services.return_draft, case, then, reason="请写明时间。")
            self.act(services.draft_reply, case, by, text=words)
        if self.act(services.sign_reply, case, then):
            self.do(services.rate, case, level=4 if content else 1)
            if content:
                self.do(services.confirm, case)

    @rule(which=WHICH, into=WHICH, apart=st.booleans())
    def two_voices_are_one(self, which, into, apart):
        case, leader = self.case(which, "received", "accepted"), self.case(into, "received", "accepted", "assigned")
        if self.act(services.merge, case, "triage", into=leader) and apart:
            self.act(services.unmerge, case, "triage2")

    @rule(which=WHICH, agreed=st.booleans())
    def an_identity_is_opened(self, which, agreed):
        reason = "需要电话联系当事人核实地点。"
        opening = self.act(services.request_opening, self.case(which), "triage", reason=reason)
        if opening and agreed:
            self.do(services.approve_opening, opening, by=self.city.admin)
        if opening:
            self.do(services.open_identity, opening, by=self.city.triage)

    # the clock

    @rule(days=st.sampled_from([1, 3, 8, 30]))
    def time_passes(self, days):
        self.do(time_passes, days)

    @rule()
    def the_outbox_is_delivered(self):
        self.do(outbox.deliver)


def test_cases_live_at_random_and_no_promise_breaks(city):
    done = live(Cases, city, lives=9, steps=40)
    require_lived(done, VERBS)


def test_a_life_is_undone_at_its_end(city):
    before, now = Suggestion.objects.count(), clock.now()
    live(Cases, city, lives=1, steps=5)
    assert Suggestion.objects.filter(created_at__gt=now).count() == before == 0
