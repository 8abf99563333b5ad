"""The export of everything stored about one person, for that person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.groups import groups, invitation_tags
from smsgate.help import plans
from smsgate.help.choices import choices_of
from smsgate.members import personal_data, pins, preferences
from smsgate.models import (
    AuditEntry,
    Consent,
    HelpRequest,
    Meeting,
    Member,
    Membership,
    Message,
    NoticeReply,
    Phone,
    Reply,
    Responder,
    RoleAssignment,
)  # fmt: skip
from smsgate.models.lookup import find_member

PLAN = ("then", "wait_minutes", "pause_seconds", "word", "rings", "look_again")


def export_person(session: Session, phone: Phone) -> dict[str, Any]:
    """Return everything the database holds about a number, as JSON values; times are ISO 8601, in UTC.

    What people look for comes first, then all rows as they are stored, so that nothing is left out.
    """
    member = find_member(session, phone.id)
    consents = session.scalars(select(Consent).where(Consent.phone_id == phone.id).order_by(Consent.id))
    texts = session.scalars(select(Message).where(Message.phone_id == phone.id).order_by(Message.id))
    invitations = invitation_tags.invitations_of_number(session, phone.number)
    return {
        "number": phone.number,
        "language": phone.language,
        "known_since": phone.created_at.isoformat(),
        **{
            name: at.isoformat() if at else None
            for name, at in (
                ("silent_since", phone.silent_at),
                ("last_heard", phone.heard_at),
                ("doubted_since", phone.doubted_at),
            )
        },
        "stopped_since": phone.stopped_at.isoformat() if phone.stopped_at else None,
        "agreed_to": [
            {"what": consent.what, "given": consent.given, "at": consent.at.isoformat()} for consent in consents
        ],
        "invited_to": [
            {"group": invitation.group_id, "at": invitation.listed_at.isoformat()}
            for invitation in invitations
            if invitation.listed_at
        ],
        "left_groups": [invitation.group_id for invitation in invitations if invitation.left_at],
        "chosen_by": len(choices_of(session, phone.id)),
        "texts_to_you": [
            {"kind": text.kind, "state": text.state, "at": text.created_at.isoformat(), "words": text.words}
            for text in texts
        ],
        "replies_to_notices": [
            {"at": reply.at.isoformat(), "words": reply.words}
            for reply in session.scalars(select(NoticeReply).where(NoticeReply.phone_id == phone.id))
        ],
        "roles": [
            {
                "group": assignment.group.name,
                "role": assignment.role,
                "since": assignment.since.isoformat(),
                "until": assignment.until.isoformat(),
                "ended": assignment.ended_at.isoformat() if assignment.ended_at else None,
            }
            for assignment in session.scalars(select(RoleAssignment).where(RoleAssignment.phone_id == phone.id))
        ],
        "done_in_a_role": [
            {"what": entry.what, "at": entry.at.isoformat()}
            for entry in session.scalars(
                select(AuditEntry).where(AuditEntry.phone_id == phone.id).order_by(AuditEntry.id)
            )
        ],
        "member": _member(session, member) if member else None,
        "all_rows": personal_data.rows_of(session, phone),
    }


def _member(session: Session, member: Member) -> dict[str, Any]:
    people = session.scalars(select(Responder).where(Responder.member_id == member.id).order_by(Responder.id))
    requests = session.scalars(select(HelpRequest).where(HelpRequest.member_id == member.id))
    replies = session.scalars(select(Reply).where(Reply.member_id == member.id))
    shown = select(Membership).where(Membership.member_id == member.id, Membership.shows_name)
    plan = plans.plan_of(session, member)
    leads = select(Meeting.id).where(Meeting.leader_id == member.id).order_by(Meeting.id)
    return {
        "name": member.name,
        "joined_at": member.joined_at.isoformat(),
        "discreet": member.discreet,
        "reminders": member.reminders,
        "paused_since": member.paused_at.isoformat() if member.paused_at else None,
        "hours_for_texts": preferences.text_hours(member),
        "groups": [group.name for group in groups.groups_of(session, member)],
        "reminders_of_groups": preferences.reminder_times(session, member),
        "name_shown_in": [membership.group_id for membership in session.scalars(shown)],
        "help_texts": [text.words for text in plans.texts_of(session, member)],
        "with_the_help_text": plans.extra_info(session, member),
        "how_it_is_sent": {name: getattr(plan, name) for name in PLAN},
        "people": [
            {
                "number": responder.phone.number,
                "name": responder.name,
                "agreed": responder.agreed,
                "as_leader": responder.backup,
            }
            for responder in people
        ],
        "pin": pins.pin_of(session, member) is not None,
        "never_to_be_told": sorted(plans.do_not_contact_numbers(session, member)),
        "help_requests": [request.raised_at.isoformat() for request in requests],
        "leads_meetings": list(session.scalars(leads)),
        "replies_to_meetings": [{"meeting": reply.meeting_id, "coming": reply.coming} for reply in replies],
    }
