"""An answer to a question that has ended, or to which another answer was given since, changes nothing.

A row says what Juma read, one an hour after the other; `|` is when he wrote. What follows happened before that came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.meetings import meetings
from smsgate.models import Group, HelpRecipient, Meeting, Reply, Responder
from smsgate.notices import notices
from smsgate.service import Service
from tests.support.openings import Play
from tests.support.people import Clock, Phone, passes, work
from tests.support.stories import agrees, chooses, joins
from tests.ussd_and_sms.test_what_was_read import arrives

DIAL = "*384*77#"
OVER, AGAIN, NOT_PLANNED = "over, no answer is needed", "asks: may they text you", "no longer planned for you"


@dataclass
class Story:
    """Juma, who is Amina's and Fatuma's person, and whom Otieno and Zawadi may ask."""

    juma: Phone
    amina: Phone
    fatuma: Phone
    otieno: Phone
    zawadi: Phone
    group: Group
    service: Service
    clock: Clock

    def people(self) -> tuple[Phone, ...]:
        """Return everybody."""
        return self.juma, self.amina, self.fatuma, self.otieno, self.zawadi

    def happens(self, step: str) -> None:
        """Let one thing happen that the table names."""
        steps: dict[str, Callable[[], object]] = {
            "help": lambda: self.amina.dials(None, "1", "2"),
            "Fatuma's help": lambda: self.fatuma.dials(None, "1", "2"),
            "fine": lambda: self.amina.texts("fine"),
            "off Amina's list": lambda: self._takes_off(self.amina),
            "Amina erases": lambda: (self.amina.texts("erase"), self.amina.texts("2")),
            "a day": lambda: passes(self.service, self.clock, hours=25),
            "invited": lambda: chooses(self.otieno, self.juma, "Juma"),
            "invited by Zawadi": lambda: chooses(self.zawadi, self.juma, "Juma"),
            "off Otieno's list": lambda: self._takes_off(self.otieno),
            "Otieno erases": lambda: (self.otieno.texts("erase"), self.otieno.texts("2")),
            "reminded": self._reminded,
            "cancelled": self._cancelled,
            "noticed": self._noticed,
            "writes 1": lambda: self.juma.texts("1"),
            "writes 2": lambda: self.juma.texts("2"),
        }
        steps[step]()
        work(self.service)

    def _takes_off(self, member: Phone) -> None:
        member.dials(None, "4")
        member.picks("Juma", "Take off my list")

    def _reminded(self) -> None:
        start = (self.clock.time + timedelta(days=1, hours=3, minutes=2)).replace(second=0, tzinfo=None)
        with self.service.database.transaction() as session:
            meetings.plan(session, session.get_one(Group, self.group.id), start, None, self.clock.time)
        passes(self.service, self.clock, minutes=3)

    def _noticed(self) -> None:
        with self.service.database.transaction() as session:
            notices.send(session, session.get_one(Group, self.group.id), "Bring a cup", self.clock.time)

    def _cancelled(self) -> None:
        with self.service.database.transaction() as session:
            newest = session.scalars(select(Meeting).order_by(Meeting.id.desc())).first()
            assert newest is not None
            meetings.cancel(session, newest, self.clock.time, DIAL)

    def answers(self) -> dict[str, str]:
        """Return what Juma has answered, by whom or what it was about."""
        with self.service.database.reading() as session:
            mine = [one for one in session.scalars(select(Responder)) if one.phone.number == self.juma.number]
            said = {f"{one.member.name} asks": one.agreed.value for one in mine}
            for asked in session.scalars(
                select(HelpRecipient).where(HelpRecipient.responder_id.in_(one.id for one in mine))
            ):
                answer = "yes" if asked.answered_at else "no" if asked.declined_at else "open"
                said[f"{asked.request.member.name}'s help"] = answer
            coming = session.scalars(select(Reply.coming).order_by(Reply.id.desc())).first()
            return said | {"coming": coming.value if coming else "open"}


@pytest.fixture
def story(
    phone: Callable[[str], Phone], amina: Phone, juma: Phone, fatuma: Phone, otieno: Phone, group: Group,
    service: Service, clock: Clock, opening: Play,
) -> Story:  # fmt: skip
    here = Story(juma, amina, fatuma, otieno, phone("+254711000005"), group, service, clock)

    def begins() -> None:
        for person, name in zip(here.people(), ("Juma", "Amina", "Fatuma", "Otieno", "Zawadi"), strict=True):
            joins(person, name)
        agrees(amina, juma, "Juma")
        agrees(fatuma, juma, "Juma")
        clock.time += timedelta(days=8)  # so long ago that the answers can't be changed by a later text
        passes(service, clock, minutes=1)

    opening(begins, *here.people())
    return here


ENDED = [
    # (what was read | what happened then, what was written, what the answer says)
    ("invited, help | fine", "1", OVER),
    ("invited, help | fine", "ok", OVER),
    ("invited, help | off Amina's list", "1", "over"),
    ("invited, help | Amina erases", "1", "over"),
    ("invited, help | a day", "1", OVER),
    ("invited, help, fine |", "1", OVER),  # the news came seconds ago
    ("invited, help, writes 1 | fine", "2", OVER),
    ("reminded, help | fine", "1", OVER),
    ("reminded, help | fine", "no", OVER),
    ("Fatuma's help, help | fine", "yes", "reply 1 and we'll tell Fatuma"),  # it may have been meant for hers
    ("invited by Zawadi, invited | off Otieno's list", "1", AGAIN),
    ("invited by Zawadi, invited | Otieno erases", "yes", AGAIN),
    ("reminded, invited | off Otieno's list", "1", "Coming? Reply 1 yes"),
    ("help, writes 1, invited | off Otieno's list", "no", ""),
    ("help, invited | off Otieno's list", "2", "reply 1 and we'll tell Amina"),
    ("invited, reminded | cancelled", "coming", NOT_PLANNED),
    ("help, reminded | cancelled", "no", NOT_PLANNED),
    ("invited, reminded, cancelled |", "ok", NOT_PLANNED),
]
OVERRULED = [  # he has answered otherwise since, and that text came first
    ("help | writes 2", "1", "knows you can't"),
    ("help | writes 1", "no", "knows you can help"),
    ("invited | writes 2", "1", "nothing more from them"),
    ("invited | writes 1", "2", "may text you"),
    ("reminded | writes 2", "yes", "You're not coming"),
]
UNREAD = [  # asked since he wrote: "we have no question for you" would be untrue
    ("| reminded", "yes", "Coming? Reply 1 yes"),
    ("| invited", "no", AGAIN),
    ("| help", "2", "reply 1 and we'll tell Amina"),
]
TOLD = [  # what he read last asked nothing: a yes like "ok" may only take note of that
    ("help, noticed |", "ok", "reply 1 and we'll tell Amina"),
    ("help, noticed |", "👍", "reply 1 and we'll tell Amina"),
    ("invited, noticed |", "sawa", AGAIN),
    ("reminded, noticed |", "okay", "Coming? Reply 1 yes"),
    ("invited, reminded, noticed |", "d'accord", "Coming? Reply 1 yes"),
]


@pytest.mark.by_day(6)
@pytest.mark.parametrize(("read", "words", "answer"), ENDED + OVERRULED + UNREAD + TOLD)
def test_what_ended_or_was_answered_before_a_text_came_stays_as_it_is(
    read: str, words: str, answer: str, story: Story
) -> None:
    known, _bar, unknown = read.partition("|")
    for step in filter(None, known.strip(" ,").split(", ")):
        story.clock.time += timedelta(hours=1 if step not in ("fine", "cancelled") else 0)
        story.happens(step)
    story.clock.time += timedelta(seconds=30)
    story.juma.reads()
    written = story.clock.time
    story.clock.time += timedelta(seconds=5)
    for step in filter(None, unknown.strip().split(", ")):
        story.happens(step)
    before = story.answers()
    story.juma.reads()
    arrives(story.juma, words, written)
    story.juma.hears(answer)
    assert story.answers() == before


def test_after_despair_its_choices_are_reached_although_a_help_text_is_over(story: Story) -> None:
    story.juma.texts("I want to die")
    for step in ("help", "fine"):
        story.happens(step)
    story.clock.time += timedelta(minutes=2)
    assert OVER in story.juma.texts("1")  # it may have been meant for Amina
    assert "no recently checked number" in story.juma.texts("1")
