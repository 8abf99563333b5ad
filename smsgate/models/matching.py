"""One-to-one support: programmes, seekers, supporters, their matches, and counts of them.

Deliberately without a field for a diagnosis, a reason, or a note about anybody. What seekers and supporters said is
sealed in one column and deleted with their row; who ended a match is not stored.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Group, Member
from smsgate.models.phones import Phone


class Programme(Base):
    """A one-to-one support programme of a group, or of the network if `group_id` is NULL, with its rules."""

    __tablename__ = "programmes"
    group_id: Mapped[int | None] = owned_by("groups", nullable=True)
    name: Mapped[str] = mapped_column(String(30))
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    words: Mapped[dict[str, str]] = mapped_column(JSON)  # shown before someone asks, by language
    interests: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)  # by number: words by language
    languages: Mapped[list[str]] = mapped_column(JSON)  # to choose from, each by its own name: `Dholuo`
    areas: Mapped[list[int]] = mapped_column(JSON)  # ids; empty: everywhere
    weeks_between: Mapped[int] = mapped_column(default=1, server_default="1")
    minutes: Mapped[int] = mapped_column(default=60, server_default="60")  # of a meeting
    months: Mapped[int] = mapped_column(default=12, server_default="12")  # the longest a match lasts
    code_days: Mapped[int] = mapped_column(default=30, server_default="30")  # how long a card is valid
    shares_numbers: Mapped[bool] = mapped_column(default=False, server_default=false())  # if both agree
    room_each: Mapped[int] = mapped_column(default=4, server_default="4")  # people per supporter, at most
    waiting_most: Mapped[int] = mapped_column(default=200, server_default="200")  # at this many the list is full
    surveyed_at: Mapped[datetime | None]  # when everybody was last surveyed; done every two years
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    group: Mapped[Group | None] = relationship()


class CardBatch(Base):
    """Cards that were printed together; all have one code, valid to the end of `last_day`."""

    __tablename__ = "card_batches"
    programme_id: Mapped[int] = owned_by("programmes")
    code: Mapped[str] = mapped_column(String(8), unique=True)
    cards: Mapped[int]
    handed_out_on: Mapped[date]
    last_day: Mapped[date]
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship()


class ProgrammeRole(StrEnum):
    """What someone may do in a programme."""

    COORDINATOR = "coordinator"  # proposes matches
    SUPPORTER = "supporter"  # supports people one to one


class ProgrammeOffer(Base):
    """An offer of a role: anyone with the code can accept it, once, until it expires."""

    __tablename__ = "programme_offers"
    programme_id: Mapped[int] = owned_by("programmes")
    role: Mapped[ProgrammeRole] = mapped_column(enum_column(ProgrammeRole))
    code: Mapped[str] = mapped_column(Sealed("programme_offer.code"), unique=True)
    expires_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship()


class Coordinator(Base):
    """Someone who proposes matches in a programme, for a year or until they or the programme end it."""

    __tablename__ = "coordinators"
    __table_args__ = (UniqueConstraint("programme_id", "phone_id"), NEVER_REUSE)
    programme_id: Mapped[int] = owned_by("programmes")
    phone_id: Mapped[int] = owned_by("phones")
    since: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship()
    phone: Mapped[Phone] = relationship()


class Supporter(Base):
    """Someone who supports people in a programme, for a year or until they or the programme end it."""

    __tablename__ = "supporters"
    __table_args__ = (UniqueConstraint("programme_id", "member_id"), NEVER_REUSE)
    programme_id: Mapped[int] = owned_by("programmes")
    member_id: Mapped[int] = owned_by("members")
    said: Mapped[str] = mapped_column(Sealed("supporter.said"))  # JSON, see matching/wishes.py
    room: Mapped[int]  # people at once, as they chose
    reminders: Mapped[str] = mapped_column(String(40), default="1d", server_default="1d")
    rests_at: Mapped[datetime | None]  # nobody new since then
    since: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    may_say: Mapped[bool] = mapped_column(default=False, server_default=false())  # may answer the two-yearly survey

    programme: Mapped[Programme] = relationship()
    member: Mapped[Member] = relationship()


class SeekerState(StrEnum):
    """The status of a seeker."""

    WAITING = "waiting"
    WALKING = "walking"
    DECIDING = "deciding"  # their match ended without their doing: asked whether to wait again


class Seeker(Base):
    """Someone who asked for a supporter; deleted when they leave the list or want nobody else."""

    __tablename__ = "seekers"
    __table_args__ = (UniqueConstraint("member_id"), NEVER_REUSE)
    programme_id: Mapped[int] = owned_by("programmes")
    member_id: Mapped[int] = owned_by("members")
    said: Mapped[str] = mapped_column(Sealed("seeker.said"))  # JSON, see matching/wishes.py
    state: Mapped[SeekerState] = mapped_column(enum_column(SeekerState), default=SeekerState.WAITING)
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # when the state was last changed
    at_front: Mapped[bool] = mapped_column(default=False, server_default=false())
    reminders: Mapped[str] = mapped_column(String(40), default="1d", server_default="1d")
    checked: Mapped[bool] = mapped_column(default=True, server_default=true())  # wants to be asked how it is going
    may_say: Mapped[bool] = mapped_column(default=False, server_default=false())  # may answer the two-yearly survey

    programme: Mapped[Programme] = relationship()
    member: Mapped[Member] = relationship()


class MatchState(StrEnum):
    """The status of a match; moves forward only."""

    PROPOSED = "proposed"  # by a coordinator; both are asked
    WALKING = "walking"
    ENDED = "ended"
    NOT_AGREED = "not_agreed"  # declined, or not answered in time; by whom is not stored


OPEN_STATES = (MatchState.PROPOSED, MatchState.WALKING)


class Ending(StrEnum):
    """How a match ended: which key was pressed, never by whom."""

    NOT_RIGHT = "not_right"
    FINISHED = "finished"
    TIME_OVER = "time_over"
    OTHER = "other"  # someone is resting, left the service or opted out, or the programme closed


_IS_OPEN = text("state = 'proposed' OR state = 'walking'")


class Match(Base):
    """A person and a supporter; deleted three months after it ends, when only counts remain."""

    __tablename__ = "matches"
    __table_args__ = (
        Index("uq_matches_open", "member_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        NEVER_REUSE,
    )
    programme_id: Mapped[int] = owned_by("programmes")
    member_id: Mapped[int] = owned_by("members")  # the person supported
    supporter_id: Mapped[int] = owned_by("supporters")
    state: Mapped[MatchState] = mapped_column(enum_column(MatchState), default=MatchState.PROPOSED)
    proposed_at: Mapped[datetime]
    person_agreed: Mapped[bool] = mapped_column(default=False, server_default=false())
    supporter_agreed: Mapped[bool] = mapped_column(default=False, server_default=false())
    person_shares: Mapped[bool] = mapped_column(default=False, server_default=false())  # their number
    supporter_shares: Mapped[bool] = mapped_column(default=False, server_default=false())
    began_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]  # at the latest
    warned_at: Mapped[datetime | None]  # when both were told that the end is near
    surveyed_at: Mapped[datetime | None]  # when both were last surveyed
    # May still answer the survey; answers are only counted, and stored nowhere else.
    person_may_say: Mapped[bool] = mapped_column(default=False, server_default=false())
    supporter_may_say: Mapped[bool] = mapped_column(default=False, server_default=false())
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ending: Mapped[Ending | None] = mapped_column(enum_column(Ending))

    programme: Mapped[Programme] = relationship()
    member: Mapped[Member] = relationship()
    supporter: Mapped[Supporter] = relationship()


class MeetingState(StrEnum):
    """The status of a meeting of a match."""

    PROPOSED = "proposed"  # the other person is asked
    AGREED = "agreed"
    SKIPPED = "skipped"
    NOTED = "noted"  # the supporter noted whether they met


class MatchMeeting(Base):
    """A meeting of the two people in a match."""

    __tablename__ = "match_meetings"
    match_id: Mapped[int] = owned_by("matches")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(Sealed("match_meeting.place"))  # NULL: by phone
    state: Mapped[MeetingState] = mapped_column(enum_column(MeetingState), default=MeetingState.PROPOSED)
    by_supporter: Mapped[bool]  # who proposed it
    extra: Mapped[bool] = mapped_column(default=False, server_default=false())  # in addition to the weekly one
    minutes: Mapped[int | None]  # as noted; 0: they did not meet
    person_reminded: Mapped[str] = mapped_column(String(40), default="", server_default="")
    supporter_reminded: Mapped[str] = mapped_column(String(40), default="", server_default="")

    match: Mapped[Match] = relationship()


class CheckInAnswer(StrEnum):
    """The person's answer to "How is it going?"; only coordinators see it."""

    WELL = "well"
    SO_SO = "so_so"
    CALL = "call"  # please call me
    OTHER = "other"  # asks for someone else
    REPORTED = "reported"  # ended the match by texting the word that reports it


class CheckIn(Base):
    """A time at which the person is asked how it is going."""

    __tablename__ = "check_ins"
    match_id: Mapped[int] = owned_by("matches")
    by_supporter: Mapped[bool] = mapped_column(default=False, server_default=false())  # True only for a report
    due_at: Mapped[datetime] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]
    answer: Mapped[CheckInAnswer | None] = mapped_column(enum_column(CheckInAnswer))
    answered_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # a coordinator dealt with it

    match: Mapped[Match] = relationship()


class CarriedText(Base):
    """A text that one of a match wrote to the other through the service; deleted after some days, or with the match."""

    __tablename__ = "carried_texts"
    match_id: Mapped[int] = owned_by("matches")
    by_supporter: Mapped[bool]
    words: Mapped[str] = mapped_column(Sealed("carried_text.words"))
    at: Mapped[datetime] = mapped_column(index=True)


class MatchCount(Base):
    """How often something happened in a programme in one month; no row leads to a person."""

    __tablename__ = "match_counts"
    __table_args__ = (UniqueConstraint("programme_id", "month", "what"), NEVER_REUSE)
    programme_id: Mapped[int] = owned_by("programmes")
    month: Mapped[str] = mapped_column(String(7))  # like 2026-11, in the programme's zone
    what: Mapped[str] = mapped_column(String(24))
    number: Mapped[int]
