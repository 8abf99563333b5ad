"""Groups: creating and finding them, their quiet hours and reminders, and joining and leaving them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core import timezones
from smsgate.core.admin_text import _
from smsgate.core.database import insert_new, lock_text
from smsgate.core.dial_codes import dialled_code
from smsgate.core.errors import Invalid
from smsgate.flows import sms
from smsgate.flows.member.groups import LISTED_MOST
from smsgate.flows.typed.codes_in_texts import is_code, same_name
from smsgate.flows.typed.plain_names import leads_elsewhere
from smsgate.groups import invitation_tags
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    CardBatch,
    ConsentSubject,
    Group,
    JoinRequest,
    Lane,
    Meeting,
    Member,
    Membership,
    Message,
    MessageKind,
    MessageStatus,
    Phone,
    ProgrammeOffer,
    Reply,
    RoleCode,
    Survey,
)  # fmt: skip
from smsgate.models.lookup import find_membership, forms_of, note_consent
from smsgate.outbox import keys, quiet_hours
from smsgate.outbox.superseding import MEMBERSHIP, take_back_news

LONGEST_NAME = 30
CODE_DIGITS = 4
LONGEST_QUIET = timedelta(hours=16)
TOLD_WITHIN = timedelta(days=7)


def create(
    session: Session,
    name: str,
    zone: str,
    now: datetime,
    *,
    code: str = "",
    listed: bool = False,
    tells_place: bool = False,
) -> Group:
    """Create a group; without a `code` it gets a free one. `zone` is an IANA time zone.

    Raises Invalid, with a sentence that says what is wrong.
    """
    name = checked_name(name)
    check_zone(zone)
    group = Group(
        name=name, code=free_code(session, code), zone=zone, listed=listed, tells_place=tells_place, created_at=now
    )
    session.add(group)
    session.flush()
    return group


def checked_name(name: str) -> str:
    """Return a group's name with white space normalised; raise Invalid if it is not allowed."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(_("A group's name must have 1 to {most} characters.").format(most=LONGEST_NAME))
    if leads_elsewhere(name):
        raise Invalid(_("A group's name can't include a phone number, a code to dial or a web address."))
    return name


def check_zone(zone: str) -> None:
    """Raise Invalid unless `zone` is an IANA time zone."""
    if timezones.existing(zone) is None:
        raise Invalid(_("There is no time zone {zone}. Enter one like Africa/Nairobi.").format(zone=repr(zone)))


def set_quiet_hours(session: Session, group: Group, hours: tuple[time, time] | None, now: datetime) -> None:
    """Set a group's quiet hours in local time; None for none. Raises Invalid if they are too long.

    Messages held by the old hours become due now, so that a worker sends them or holds them by the new hours.
    """
    if hours and not are_quiet_hours_allowed(hours):
        raise Invalid(_("Quiet hours can last up to 16 hours, like 21:00 to 07:00."))
    group.quiet_from, group.quiet_until = hours or (None, None)
    waiting = Message.lane.in_(Lane), Message.stands(MessageStatus.WAITING)  # uses the index of open rows
    held = (*waiting, Message.group_id == group.id, Message.reason == quiet_hours.HOLD_REASON)
    session.execute(update(Message).where(*held, Message.due_at > now).values(due_at=now))
    reschedule_reminders(session, group.id, now)


def are_quiet_hours_allowed(hours: tuple[time, time]) -> bool:
    """Return whether quiet hours leave at least 8 hours a day for texts."""
    return timedelta(0) < _duration(*hours) <= LONGEST_QUIET


def set_reminder_times(session: Session, group: Group, times: str, now: datetime) -> None:
    """Set how long before meetings a group's reminders are sent, as in `flows.reminder_times`; "" for never."""
    group.reminders, group.reminders_since = times, now
    reschedule_reminders(session, group.id, now)


def reschedule_reminders(session: Session, group_id: int, now: datetime) -> None:
    """Have the scheduler plan the reminders of all upcoming meetings again, as something they depend on has changed."""
    upcoming = (Meeting.group_id == group_id, Meeting.starts_at > now)
    session.execute(update(Meeting).where(*upcoming).values(look_at=None))


def _duration(start: time, end: time) -> timedelta:
    """Return the time from one clock time to the next; 0 if they are the same."""
    return (datetime.combine(date.min, end) - datetime.combine(date.min, start)) % timedelta(days=1)


def free_code(session: Session, wanted: str, group: Group | None = None) -> str:
    """Return `wanted` if it is a valid and free code, or a random free code for ""; raise Invalid otherwise.

    `group` may take back its former code.
    """
    if wanted:
        if not is_code(wanted):
            raise Invalid(_("A code has 3 to 8 digits, so that it can be dialled."))
        lock_code(session, wanted)
        if is_code_taken(session, wanted, group):
            raise Invalid(_("The code {code} is taken, by another group or by a flow.").format(code=wanted))
        return wanted
    for digits in range(CODE_DIGITS, 9):
        for _try in range(50):
            code = dialled_code(digits)
            if not is_code_taken(session, code):
                return code
    raise Invalid(_("There are no free codes left."))


def is_code_taken(session: Session, code: str, group: Group | None = None) -> bool:
    """Return whether the code is in use by a group other than `group`, a survey, a role on offer or a programme."""
    by_survey = select(Survey.id).where(Survey.code == code)
    by_offer = select(RoleCode.id).where(RoleCode.code.in_(forms_of(session, code, "role_code.code")))
    is_free = find_group(session, code) in (None, group) and session.scalar(by_survey) is None
    return not is_free or session.scalar(by_offer) is not None or _is_of_a_programme(session, code)


def _is_of_a_programme(session: Session, code: str) -> bool:
    """Return whether a programme's cards have this code, or it offers a role in a programme."""
    by_offer = ProgrammeOffer.code.in_(forms_of(session, code, "programme_offer.code"))
    rows = (select(CardBatch.id).where(CardBatch.code == code), select(ProgrammeOffer.id).where(by_offer))
    return any(session.scalar(row) is not None for row in rows)


def lock_code(session: Session, code: str) -> None:
    """Lock a code that is about to be taken, so that a group and a survey cannot both take it at once."""
    lock_text(session, f"code {code}")


def find_group(session: Session, code: str) -> Group | None:
    """Return the group with this code, open or closed; else the one that had it before its code changed; else None."""
    now_or_before = or_(Group.code == code, Group.former_code == code)
    return session.scalars(select(Group).where(now_or_before).order_by(Group.code != code, Group.id.desc())).first()


def code_as_meant(session: Session, code: str) -> str:
    """Return a code as it was given out: without a 0 or letter O typed before it, unless it exists as typed."""
    shorter = code.lstrip("0")
    if shorter == code or not is_code(shorter) or is_code_taken(session, code):
        return code
    return shorter if is_code_taken(session, shorter) else code


def find_open_group(session: Session, code: str) -> Group | None:
    """Return the open group with this code, or None."""
    group = find_group(session, code)
    return group if group is not None and group.closed_at is None else None


def unpaused_phones(group_id: int) -> Select[int]:
    """Select the phone ids of a group's members who have not paused group messages."""
    return (
        select(Phone.id)
        .join(Member, Member.phone_id == Phone.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.group_id == group_id, Member.paused_at.is_(None))
    )


def groups_of(session: Session, member: Member | None) -> list[Group]:
    """Return the groups a member is in, by name."""
    if member is None:
        return []
    rows = select(Group).join(Membership).where(Membership.member_id == member.id).order_by(Group.name)
    return list(session.scalars(rows))


def listed_groups(session: Session, member: Member | None) -> list[Group]:
    """Return the open groups in the directory that a member is not in, by name; at most LISTED_MOST."""
    own_ids = [group.id for group in groups_of(session, member)]
    rows = select(Group).where(Group.listed, Group.closed_at.is_(None), Group.id.not_in(own_ids)).order_by(Group.name)
    return list(session.scalars(rows.limit(LISTED_MOST)))


def listed_by_name(session: Session, name: str) -> list[Group]:
    """Return the open groups in the directory that a typed name matches."""
    rows = select(Group).where(Group.listed, Group.closed_at.is_(None))
    return [group for group in session.scalars(rows) if same_name(group.name, name)]


def listed_namesakes(session: Session, group: Group) -> list[Group]:
    """Return the other groups in the directory with a name like this one's, if it is listed itself."""
    return [one for one in listed_by_name(session, group.name) if one.id != group.id] if group.listed else []


def join(session: Session, member: Member, group_id: int, now: datetime) -> bool:
    """Add a member to a group; joining twice changes nothing. Return False if the group is closed or unknown."""
    group = session.get(Group, group_id)
    if group is None or group.closed_at is not None:
        return False
    row = {"member_id": member.id, "group_id": group_id, "joined_at": now}
    added = session.execute(insert_new(session, Membership).values(row).returning(Membership.id)).first()
    if added:
        take_back_news(session, group_id, {MEMBERSHIP}, now, phone_id=member.phone_id)
        note_consent(session, member.phone_id, ConsentSubject.GROUP, True, now, group_id)
        invitation_tags.record_joined(session, member.phone.number, group_id, now)
    return True


def leave(session: Session, member: Member, group_id: int, now: datetime) -> None:
    """Remove a member from a group at their own wish, and any join request; leaving twice changes nothing."""
    own_request = (JoinRequest.member_id == member.id, JoinRequest.group_id == group_id)
    session.execute(delete(JoinRequest).where(*own_request))
    if find_membership(session, member.id, group_id) is not None:
        take_back_news(session, group_id, {MEMBERSHIP}, now, phone_id=member.phone_id)
        own_membership = (Membership.member_id == member.id, Membership.group_id == group_id)
        session.execute(delete(Membership).where(*own_membership))
        _forget_replies(session, member.id, group_id)
        note_consent(session, member.phone_id, ConsentSubject.GROUP, False, now, group_id)
        invitation_tags.record_left(session, member.phone.number, group_id, now)


def remove_member(session: Session, membership: Membership, now: datetime, code: str) -> None:
    """Remove a member from a group at an admin's wish, and tell them in a text that names no group.

    Nothing else changes for the member.
    """
    phone = session.get_one(Member, membership.member_id).phone
    with speaking_for(session.get_one(Group, membership.group_id), phone.language):
        words = sms.taken_out(code)
    text = outbox.Text(
        words=words,
        key=keys.taken_out(membership.id),
        kind=MessageKind.ALERT,
        expires_at=now + TOLD_WITHIN,
        group_id=membership.group_id,
        about={MEMBERSHIP: True},
    )
    take_back_news(session, membership.group_id, {MEMBERSHIP}, now, phone_id=phone.id)
    outbox.send_text(session, phone.id, text, now)
    session.delete(membership)
    _forget_replies(session, membership.member_id, membership.group_id)
    note_consent(session, phone.id, ConsentSubject.GROUP, False, now, membership.group_id)


def _forget_replies(session: Session, member_id: int, group_id: int) -> None:
    """Delete what someone said about coming to a group's meetings: if they join again, they are asked again."""
    here = Reply.meeting_id.in_(select(Meeting.id).where(Meeting.group_id == group_id))
    session.execute(delete(Reply).where(Reply.member_id == member_id, here))


def member_counts(session: Session) -> list[tuple[Group, int]]:
    """Return every group and its number of members, by name."""
    rows = select(Group, func.count(Membership.id)).outerjoin(Membership).group_by(Group.id).order_by(Group.name)
    return [(group, count) for group, count in session.execute(rows)]


LONGEST_REPLY_DAYS = 90


def allow_replies(group: Group, on: bool, days: int | None) -> None:
    """Set whether members may reply to notices, and after how many days replies are erased. Raises Invalid."""
    if days is not None and not 1 <= days <= LONGEST_REPLY_DAYS:
        raise Invalid(_("Replies can be kept for 1 to {most} days.").format(most=LONGEST_REPLY_DAYS))
    group.replies_allowed, group.replies_days = on, days or group.replies_days


def timezone_of(session: Session, member: Member) -> ZoneInfo:
    """Return the time zone of the group that the member joined first; of their number's country if it has none."""
    rows = select(Group.zone).join(Membership).where(Membership.member_id == member.id).order_by(Membership.id).limit(1)
    return timezones.existing(session.scalar(rows) or "") or ZoneInfo(timezones.timezone_of_number(member.phone.number))
