"""Votes live at random: online and on paper, by voters, clerks and whoever tries, to the published result."""

from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from annual_projects.states import Phase
from tests.lives import Life, by, live, require_lived
from tests.voting.conftest import id_number, make_poll, move, voter
from voting import receipts, services
from voting.models import Poll
from voting.paper import Sheet

CLERK = by("officer", "officer2", "leader")
DESK = by("triage", "triage2", "admin")
ADMIN = by("admin", "admin2")
VOTER, SHEET = st.integers(0, 5), st.integers(0, 9)
CHOICES = st.sampled_from([(1, 2, 3), (1, 2, 3), (4, 5, 6), (7, 8, 9), (10, 11, 12), (1, 2), (1, 2, 99)])
VERBS = """cast issue hand_out open_batch begin_reading key_sheet finish_reading close_batch spoil report_unreturned
seal_batch rewrite close publish""".split()  # noqa: SIM905


class Votes(Life):
    rooms = ("voting",)
    at_the_end = ("voting", "annual_projects", "core")

    def begin(self) -> None:
        self.made = make_poll(self.city)
        self.voters = [voter(4_000 + number) for number in range(6)]
        self.sheets, self.batches = [], []
        self.over = False

    @property
    def poll(self) -> Poll:
        return Poll.objects.select_related("edition").get(pk=self.made.pk)

    @rule(which=VOTER, choices=CHOICES)
    def cast(self, which, choices):
        person, poll = self.voters[which], self.poll
        ticket = receipts.new_ticket(poll.edition, person)
        self.do(services.cast, poll, voter=person, choices=choices, ticket=ticket)

    @rule(by=DESK, count=st.integers(1, 4))
    def issue(self, by, count):
        made = self.do(services.issue, self.poll, unit=self.city.yuehe, count=count, by=self.who(by))
        self.sheets += made or []

    @rule(which=VOTER, by=CLERK)
    def hand_out(self, which, by):
        self.do(services.hand_out, self.poll, voter=id_number(which + 1), unit=self.city.yuehe, by=self.who(by))

    @rule(by=CLERK, declared=st.integers(1, 3))
    def open_batch(self, by, declared):
        made = self.do(services.open_batch, self.poll, unit=self.city.yuehe, declared=declared, by=self.who(by))
        self.batches += [made] if made else []

    @precondition(lambda self: self.batches)
    @rule(by=CLERK)
    def begin_reading(self, by):
        self.do(services.begin_reading, self.batches[-1], by=self.who(by))

    @precondition(lambda self: self.batches and self.sheets)
    @rule(by=CLERK, sheet=SHEET, choices=CHOICES)
    def key_sheet(self, by, sheet, choices):
        serial = self.sheets[sheet % len(self.sheets)].serial
        self.do(services.key_sheet, self.batches[-1], serial=serial, read=Sheet(choices), by=self.who(by))

    @precondition(lambda self: self.batches)
    @rule(by=CLERK)
    def finish_reading(self, by):
        self.do(services.finish_reading, self.batches[-1], by=self.who(by))

    @precondition(lambda self: self.sheets)
    @rule(choices=st.sampled_from([(1, 2, 3), (4, 5, 6), (7, 8)]), differ=st.booleans(), count=st.integers(1, 2))
    def a_batch_is_read_by_two(self, choices, differ, count):
        """The whole way of a pile of paper, which dice alone seldom find."""
        city, sheets = self.city, self.sheets[-count:]
        for number in range(count):
            self.do(services.hand_out, self.poll, voter=id_number(100 + number), unit=city.yuehe, by=city.officer)
        batch = self.do(services.open_batch, self.poll, unit=city.yuehe, declared=len(sheets), by=city.officer)
        if batch is None:
            return
        self.batches.append(batch)
        for clerk, read in ((city.officer, choices), (city.officer2, (1, 2, 4) if differ else choices)):
            self.do(services.begin_reading, batch, by=clerk)
            for sheet in sheets:
                self.do(services.key_sheet, batch, serial=sheet.serial, read=Sheet(read), by=clerk)
            self.do(services.finish_reading, batch, by=clerk)
        if not differ:
            self.do(services.close_batch, batch, by=city.admin)

    @precondition(lambda self: self.batches and self.sheets)
    @rule(by=CLERK, sheet=SHEET, choices=CHOICES)
    def settle(self, by, sheet, choices):
        serial = self.sheets[sheet % len(self.sheets)].serial
        self.do(services.settle, self.batches[-1], serial=serial, read=Sheet(choices), by=self.who(by))

    @precondition(lambda self: self.batches and self.sheets)
    @rule(by=CLERK, sheet=SHEET)
    def drop(self, by, sheet):
        serial = self.sheets[sheet % len(self.sheets)].serial
        self.do(services.drop, self.batches[-1], serial=serial, by=self.who(by))

    @precondition(lambda self: self.batches)
    @rule(by=DESK, declared=st.integers(1, 3))
    def correct_count(self, by, declared):
        kind = {"declared": declared, "reason": "第二次点数不同。"}
        self.do(services.correct_count, self.batches[-1], by=self.who(by), **kind)

    @precondition(lambda self: self.batches)
    @rule(by=CLERK)
    def reopen_readings(self, by):
        self.do(services.reopen_readings, self.batches[-1], by=self.who(by))

    @precondition(lambda self: self.batches)
    @rule(by=ADMIN)
    def close_batch(self, by):
        self.do(services.close_batch, self.batches[-1], by=self.who(by))

    @precondition(lambda self: self.sheets)
    @rule(sheet=SHEET, by=CLERK)
    def spoil(self, sheet, by):
        serial = self.sheets[sheet % len(self.sheets)].serial
        self.do(services.spoil, self.poll, serial=serial, reason="撕坏了", by=self.who(by))

    @rule(by=DESK)
    def report_unreturned(self, by):
        self.do(services.report_unreturned, self.poll, unit=self.city.yuehe, by=self.who(by))

    @rule()
    def seal_batch(self):
        self.do(services.seal_batch, self.poll)

    @rule()
    def rewrite(self):
        self.do(services.rewrite)

    @precondition(lambda self: not self.over)
    @rule(now=st.sampled_from([True, False, False]))
    def voting_ends(self, now):
        if now:
            self.over = True
            closes = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
            with self.request():
                move(self.made, voting_closes=closes, phase=Phase.RESULT)

    @precondition(lambda self: self.over)
    @rule(by=ADMIN)
    def count_and_close(self, by):
        self.do(services.report_unreturned, self.poll, unit=self.city.yuehe, by=self.city.admin)
        if self.do(services.close, self.poll, by=self.who(by)):
            self.do(services.publish, self.poll, by=self.city.admin2)

    @rule(by=ADMIN)
    def publish(self, by):
        self.do(services.publish, self.poll, by=self.who(by))


def test_votes_live_at_random_and_no_promise_breaks(city):
    done = live(Votes, city, lives=10, steps=40)
    require_lived(done, VERBS)
