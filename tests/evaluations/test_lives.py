"""Polls and appraisals live at random, from the scored wave to the appeal, as everybody who may try."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from evaluations import services
from evaluations.models import Answer, Appeal, Appraisal, AppraisalRun, Batch, Scheme, Wave
from tests.evaluations import polls
from tests.evaluations.appraisals import plan
from tests.lives import Life, by, live, require_lived

ADMIN = by("admin", "admin2")
SOUND = [
    {"satisfaction": 3100, "attitude": 2000, "on_time": 2900, "post_reply": 2000},
    {"satisfaction": 6000, "attitude": 4000},
]
BENT = [{"satisfaction": 5000, "on_time": 5000}, {"satisfaction": 5099, "on_time": 4900}]
WEIGHTS = st.sampled_from(SOUND + BENT)
VERBS = """propose_scheme lock_scheme run_appraisals freeze_appraisals publish_appraisals freeze publish appeal
decide_appeal record_gates""".split()  # noqa: SIM905


class Appraisals(Life):
    rooms = ("evaluations",)
    at_the_end = ("evaluations", "core")

    def begin(self) -> None:
        self.made = self.city.wave

    @property
    def wave(self) -> Wave:
        return Wave.objects.get(pk=self.made.pk)

    def run_of(self, state: str) -> AppraisalRun | None:
        return AppraisalRun.objects.filter(state=state).order_by("pk").last()

    @initialize(far=st.sampled_from(["scored", "run", "frozen", *["published"] * 3]), weights=st.sampled_from(SOUND))
    def it_is_on_its_way(self, far, weights):
        """The straight way takes ten steps; dice alone seldom find it."""
        city = self.city
        if far == "scored":
            return
        self.do(services.freeze, self.wave, by=city.admin)
        self.do(services.publish, self.wave, by=city.admin2)
        scheme = self.do(services.propose_scheme, plan(weights), by=city.admin)
        self.do(services.lock_scheme, scheme, by=city.admin2)
        run = self.do(services.run_appraisals, scheme, by=city.admin)
        if far != "run":
            self.do(services.freeze_appraisals, run, by=city.admin2)
        if far == "published":
            self.do(services.publish_appraisals, run, by=city.admin2)

    # the poll

    @rule(by=ADMIN)
    def score(self, by):
        self.do(services.score, self.wave, by=self.who(by))

    @rule(by=ADMIN)
    def freeze(self, by):
        self.do(services.freeze, self.wave, by=self.who(by))

    @rule(by=ADMIN)
    def publish(self, by):
        self.do(services.publish, self.wave, by=self.who(by))

    # the appraisal

    @rule(by=ADMIN, weights=WEIGHTS)
    def propose_scheme(self, by, weights):
        self.do(services.propose_scheme, plan(weights), by=self.who(by))

    @rule(by=ADMIN)
    def lock_scheme(self, by):
        scheme = Scheme.objects.last()
        if scheme:
            self.do(services.lock_scheme, scheme, by=self.who(by))

    @precondition(lambda self: Scheme.objects.exists() and AppraisalRun.objects.count() < 4)
    @rule(by=ADMIN)
    def run_appraisals(self, by):
        self.do(services.run_appraisals, Scheme.objects.last(), by=self.who(by))

    @rule(by=ADMIN, state=st.sampled_from(["draft", "draft", "frozen", "published"]))
    def freeze_appraisals(self, by, state):
        run = self.run_of(state)
        if run:
            self.do(services.freeze_appraisals, run, by=self.who(by))

    @rule(by=ADMIN, state=st.sampled_from(["frozen", "frozen", "draft", "published"]))
    def publish_appraisals(self, by, state):
        run = self.run_of(state)
        if run:
            self.do(services.publish_appraisals, run, by=self.who(by))

    @rule(by=ADMIN, state=st.sampled_from(["published", "published", "frozen"]))
    def record_gates(self, by, state):
        run = self.run_of(state)
        if run:
            self.do(services.record_gates, run, by=self.who(by))

    @rule(which=st.integers(0, 3), own=st.sampled_from([True, True, True, False]))
    def appeal(self, which, own):
        appraisals = Appraisal.objects.filter(run__is_current=True, officer__user__isnull=False).order_by("pk")
        if appraisals:
            one = appraisals[which % len(appraisals)]
            self.do(services.appeal, one, text="这一项算得不对。", by=one.officer.user if own else self.city.officer)

    @rule(by=ADMIN, uphold=st.booleans())
    def decide_appeal(self, by, uphold):
        made = Appeal.objects.filter(state="open").first()
        if made:
            self.do(services.decide_appeal, made, uphold=uphold, reasons="已核对全部记录。", by=self.who(by))
            self.do(self.what_a_worker_does)

    @staticmethod
    def what_a_worker_does() -> None:
        for pk in services.unfinished_appraisals():
            services.work_out_appraisals(pk)

    @rule(which=st.integers(0, 3), by=by("leader", "sub_leader"))
    def promote(self, which, by):
        officer = Appraisal.objects.filter(officer__isnull=False).order_by("pk").values_list("officer", flat=True)[:4]
        if officer:
            person = Appraisal.objects.filter(officer=officer[which % len(officer)]).first().officer
            self.do(services.promote, person, year=2026, to_position="副所长", by=self.who(by))


def test_appraisals_live_at_random_and_no_promise_breaks(city):
    city.wave = polls.scored_wave(city, count=120, officers=3)
    Batch.objects.update(answers_count=Answer.objects.count())
    done = live(Appraisals, city, lives=6, steps=40)
    require_lived(done, VERBS)
