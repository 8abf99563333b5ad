"""Whole conversations as transcripts that a facilitator or a translator can read, replayed through the real service.

An unindented line is what someone does; the indented lines below it are what their phone shows and the texts it gets.
`pytest tests/ussd_and_sms/test_transcripts.py --write-conversations` rewrites them: review the diff.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smsgate.core.i18n import LANGUAGES
from smsgate.directory import leaders, start_requests
from smsgate.groups import roles
from smsgate.help.crisis import crisis_lines
from smsgate.help.crisis.crisis_lines import CrisisLineEntry
from smsgate.meetings import change_notices, meetings, series
from smsgate.meetings.series import SeriesSettings
from smsgate.members import number_reassignment
from smsgate.models import CrisisLineKind, Group, Meeting, Role, Series, lookup
from smsgate.service import Service
from tests.support import directory, walks
from tests.support.people import Clock, Phone, passes, work_if_woken

FOLDER = Path(__file__).parent.parent / "conversations"
CODE = "*384*77#"
LATER = datetime(2026, 11, 25, 15, 0)
FRIDAYS = SeriesSettings(
    rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", at=time(15), zone="Africa/Nairobi", topic="Rights, with a guest", minutes=90
)
WITH_MEETINGS = (
    "the meeting is an hour later",
    "the group tells its place, and it is the library",
    "the group meets every second Friday",
    "its Fridays are at five",
    "the first Friday is skipped",
    "its Fridays end",
)
VERIFIED = date(2026, 11, 20)
TO_CALL = (
    CrisisLineEntry(
        "KE",
        "0800 000 000",
        {"en": "Befrienders", "sw": "Marafiki", "fr": "Les amis"},
        "their site",
        VERIFIED,
        hours="24h",
    ),
    CrisisLineEntry(
        "KE", "*000#", {"en": "Legal advice"}, "their office", VERIFIED, kind=CrisisLineKind.SERVICE, hours="8-17"
    ),
)
NUMBERS = {"Amina": "+254711000001", "Juma": "+254711000002", "Fatuma": "+254711000003", "Otieno": "+254711000004"}


@dataclass
class Stage:
    """The people of a transcript, and the lines written so far."""

    phones: dict[str, Phone]
    service: Service
    clock: Clock
    meeting: Meeting
    lines: list[str] = field(default_factory=list)
    code: str = "{code}"  # stands for a code that was shown; each replay gets another one

    def play(self, line: str) -> None:
        """Do what a line says and record what follows."""
        self.lines.append(line)
        who, _space, deed = line.partition(" ")
        if who in self.phones:
            self._act(self.phones[who], *deed.replace("{code}", self.code).split(" ", 1))
        elif line.startswith("--"):
            self._happens(line.removeprefix("--").strip())
        self._texts()

    def _act(self, phone: Phone, verb: str, words: str = "") -> None:
        match verb:
            case "dials":
                self._screen(phone, phone.handset.dials(words))
            case "types":
                self._screen(phone, phone.types(words))
            case "texts":
                phone.writes(words)
            case "rings":
                assert "<Reject/>" in phone.handset.rings()
            case "loses":
                phone.drops()
            case _:
                raise AssertionError(f"nobody can {verb}")

    def _happens(self, event: str) -> None:
        if passed := re.fullmatch(r"(\d+) (hours|minutes) pass", event):
            passes(self.service, self.clock, **{passed[2]: int(passed[1])})
        elif event == "the meeting is cancelled":
            with self.service.database.transaction() as session:
                meeting = session.get_one(Meeting, self.meeting.id)
                meetings.cancel(session, meeting, self.service.now(), "*384*77#")
        elif event in walks.EVENTS or event.startswith(walks.PROPOSES):
            self.code = walks.happens(self.service, event, self.phones) or self.code
        elif event in WITH_MEETINGS:
            self._meets(event)
        elif event == "a volunteer called two numbers in Kenya":
            with self.service.database.transaction() as session:
                for one in TO_CALL:
                    crisis_lines.add(session, one, self.service.now())
        elif event == "the network writes to all leaders":
            with self.service.database.transaction() as session:
                leaders.tell_all(session, "Training on Friday", self.service.now(), by=None)
        elif event == "the network answers who would like to start a group":
            with self.service.database.transaction() as session:
                (wish,) = start_requests.requests(session)
                start_requests.answer(session, wish, "Come and see us on Friday", self.service.now(), CODE)
        elif event == "the network keeps a directory":
            with self.service.database.transaction() as session:
                directory.few_groups(session, self.service.now())
        elif event == "the group allows replies":
            with self.service.database.transaction() as session:
                session.get_one(Group, self.meeting.group_id).replies_allowed = True
        elif doubted := re.fullmatch(r"the operator hears of a SIM swap of (\w+)", event):
            with self.service.database.transaction() as session:
                phone = lookup.find_phone(session, self.phones[doubted[1]].number)
                number_reassignment.mark_as_reassigned(session, [phone.id] if phone else [], self.service.now())
        elif role := re.fullmatch(r"the operator gives the role of (\w+)", event):
            with self.service.database.transaction() as session:
                group = session.get_one(Group, self.meeting.group_id)
                self.code = roles.offer(session, group, Role(role[1]), self.service.now())
        else:
            raise AssertionError(f"nothing like {event!r} happens")

    def _meets(self, event: str) -> None:
        with self.service.database.transaction() as session:
            now, group = self.service.now(), session.get_one(Group, self.meeting.group_id)
            one = session.scalars(select(Series)).first()
            match event:
                case "the meeting is an hour later":
                    change_notices.move_meeting(session, session.get_one(Meeting, self.meeting.id), LATER, now, CODE)
                case "the group tells its place, and it is the library":
                    group.tells_place = True
                    change_notices.update_meeting(
                        session, session.get_one(Meeting, self.meeting.id), now, CODE, place="Library"
                    )
                case "the group meets every second Friday":
                    series.add_series(session, group, FRIDAYS, now)
                case "its Fridays are at five" if one:
                    series.change_series(session, one, replace(series.settings_of(one), at=time(17)), now, CODE)
                case "the first Friday is skipped" if one:
                    series.skip_date(session, one, date(2026, 11, 27), now, CODE)
                case "its Fridays end" if one:
                    series.end_series(session, one, now, CODE)

    def _screen(self, phone: Phone, screen: str) -> None:
        if shown := re.search(r"JOIN (\d{8})", screen):
            self.code = shown[1]
        self.lines += [f"    | {line}" for line in self._masked(screen).splitlines()]
        if not phone.in_a_call:
            self.lines.append("    | (the call ends)")

    def _masked(self, words: str) -> str:
        """Mask the code, but only where it stands alone: its digits may also be part of a number to call."""
        return re.sub(rf"(?<!\d){re.escape(self.code)}(?!\d)", "{code}", words)

    def _texts(self) -> None:
        work_if_woken(self.service)
        for name, phone in self.phones.items():
            before = len(phone.inbox)
            for text in phone.receives()[before:]:
                if asked := re.search(r"(?:reply|jibu|répondez|répondez encore) (\d{4})\b", text):
                    self.code = asked[1]
                self.lines += (
                    f"{name} reads: {self._masked(text)}".replace("\n", "\n    ").join(("    ", "")).splitlines()
                )
            for text_id in phone.ids[before:]:
                assert phone.handset.reports(text_id) == 200
        work_if_woken(self.service)  # the delivery reports


def by_day_in_one_language() -> list[Any]:
    """Return every story; by day each runs in one of the three languages, by night in all."""
    paths = sorted(FOLDER.glob("*.txt"))
    early = {path for path in paths if path.stem[-2:] == ("en", "sw", "fr")[zlib.crc32(path.stem[:-2].encode()) % 3]}
    return [path if path in early else pytest.param(path, marks=pytest.mark.by_night) for path in paths]


@pytest.mark.every_example
@pytest.mark.parametrize("path", by_day_in_one_language(), ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(
    path: Path, phone: Callable[[str], Phone], service: Service, clock: Clock, group: Group, meeting: Meeting,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    written = path.read_text()
    stage = Stage({name: phone(number) for name, number in NUMBERS.items()}, service, clock, meeting)
    for line in written.splitlines():
        if not line.startswith("    "):
            stage.play(line) if line and not line.startswith("#") else stage.lines.append(line)
    played = "\n".join(stage.lines) + "\n"
    if request.config.getoption("--write-conversations"):
        path.write_text(played)
    assert played == written


def test_there_is_a_transcript_of_each_story_in_each_language() -> None:
    stories: dict[str, set[str]] = {}
    for path in FOLDER.glob("*.txt"):
        story, _dot, language = path.stem.rpartition(".")
        stories.setdefault(story, set()).add(language)
    assert len(stories) >= 6
    assert {story: languages for story, languages in stories.items() if languages != set(LANGUAGES)} == {}
