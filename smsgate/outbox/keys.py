"""The keys of texts: a key says what caused a text, so that it is sent to a number only once.

Each function makes the key of the text in its docstring, with a first word of its own, and nothing else makes a key:
two causes with one key would pass for one, and the later text would never be sent. Keys are for uniqueness: what a
text is about has columns, and only three causes are looked for by their first word. Keys are stored, so their form must
not change, or an upgrade would send texts a second time.
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType

Key = NewType("Key", str)
LONGEST = 80


def _key(cause: str, *parts: object) -> Key:
    return Key(":".join([cause, *map(str, parts)])[:LONGEST])


def reply(provider_id: str) -> Key:
    """The answer to a text that came in."""
    return _key("reply", provider_id)


def stop_asked(on: datetime) -> Key:
    """The question whether a text was meant as STOP, once a day."""
    return _key("stop_asked", f"{on:%Y%m%d}")


def missed_call(about: str, at: datetime) -> Key:
    """The answer to a missed call; `about` says which answer, so that each is given once in ten minutes."""
    return _key("missed_call", about, f"{at.timestamp():.3f}")


def sign_in(code_id: int) -> Key:
    """A code to sign in to the console."""
    return _key("sign_in", code_id)


def help_text(request_id: int, *, again: bool = False) -> Key:
    """A help text; `again` is the second copy to someone who has not answered."""
    return _key("help", request_id, *(["again"] if again else []))


def help_answered(recipient_id: int, at: datetime) -> Key:
    """To the member and to the other responders: this responder can help. Again, if they took it back meanwhile."""
    return _key("help_answered", recipient_id, f"{at.timestamp():.3f}")


def help_free(recipient_id: int, at: datetime) -> Key:
    """To the other responders: this one cannot help after all."""
    return _key("help_free", recipient_id, f"{at.timestamp():.3f}")


def help_declined(recipient_id: int, at: datetime) -> Key:
    """To the member: this responder cannot help now."""
    return _key("help_declined", recipient_id, f"{at.timestamp():.3f}")


def help_over(request_id: int) -> Key:
    """To the responders: a request is over, since its member left."""
    return _key("help_over", request_id)


def help_unsent(recipient_id: int) -> Key:
    """To the member: the text to this responder could not be sent."""
    return _key("unsent", recipient_id)


def fine_now(request_id: int) -> Key:
    """To responders: the member is fine."""
    return _key("fine", request_id)


def nobody_answered(request_id: int, at: datetime) -> Key:
    """To the member: nobody has answered, and nobody else is asked."""
    return _key("help_nobody", request_id, f"{at.timestamp():.3f}")


def crisis_lines(request_id: int, at: datetime) -> Key:
    """To the member: nobody has answered yet, and numbers to call."""
    return _key("help_lines", request_id, f"{at.timestamp():.3f}")


def plan_review(plan_id: int, on: datetime) -> Key:
    """To the member, every three months: is the help plan still right?"""
    return _key("look", plan_id, f"{on:%Y%m%d}")


def responder_invitation(member_id: int, responder_id: int, asked_at: datetime, *, again: bool = False) -> Key:
    """An invitation to be a responder, as often as the member asks; `again` is the one reminder."""
    return _key("invitation", member_id, responder_id, int(asked_at.timestamp()), *(["again"] if again else []))


def pin_removal(pin_id: int, at: datetime) -> Key:
    """To the member: the PIN will be, or was, removed."""
    return _key("pin", pin_id, f"{at.timestamp():.0f}")


def pin_code(pin_id: int, at: datetime) -> Key:
    """To responders: a code that removes the member's PIN."""
    return _key("pin_code", pin_id, f"{at.timestamp():.0f}")


def reminder(meeting_id: int, moves: int, offset: str) -> Key:
    """A reminder of a meeting, at its time after this many moves."""
    return _key("reminder", meeting_id, moves, offset)


def meeting_cancelled(meeting_id: int, changes: int) -> Key:
    """News that a meeting is cancelled."""
    return _key("cancelled", meeting_id, changes)


def meeting_changed(meeting_id: int, changes: int) -> Key:
    """News of another time or place."""
    return _key("altered", meeting_id, changes)


def series_changed(series_id: int, changes: int) -> Key:
    """News of the dates of a series."""
    return _key("series", series_id, changes)


def news_rest(message_id: int) -> Key:
    """News of the dates that are left of a text that came too late for its first date."""
    return _key("news_rest", message_id)


def group_closed(group_id: int, at: datetime) -> Key:
    """News that a group's meetings are cancelled, since it is closed: each time, as it may be reopened."""
    return _key("closed", group_id, f"{at.timestamp():.3f}")


def group_code_changed(group_id: int, at: datetime) -> Key:
    """News that a group has another code."""
    return _key("group_code", group_id, f"{at.timestamp():.3f}")


def group_zone_changed(group_id: int, at: datetime) -> Key:
    """News that a group is in another time zone."""
    return _key("group_zone", group_id, f"{at.timestamp():.3f}")


def group_invitation(invitation_id: int) -> Key:
    """An invitation to join a group."""
    return _key("joining", invitation_id)


def join_decision(request_id: int) -> Key:
    """The decision on a request to join a group."""
    return _key("join_decision", request_id)


def taken_out(membership_id: int) -> Key:
    """To a member whom an admin removed from a group."""
    return _key("taken_out", membership_id)


def role_ends(assignment_id: int, until: datetime) -> Key:
    """To a leader: renew the role that ends then?"""
    return _key("role_ends", assignment_id, f"{until:%Y%m%d}")


def role_ended(assignment_id: int, at: datetime) -> Key:
    """To a leader whose role was revoked."""
    return _key("role_ended", assignment_id, int(at.timestamp()))


def notice(notice_id: int) -> Key:
    """A notice."""
    return _key("notice", notice_id)


def approval_asked(notice_id: int) -> Key:
    """To those who may approve a notice."""
    return _key("agree", notice_id)


def notice_approved(notice_id: int) -> Key:
    """To the author: the notice was approved."""
    return _key("agreed", notice_id)


def notice_declined(notice_id: int) -> Key:
    """To the author: the notice was declined, or not approved in time."""
    return _key("notice_declined", notice_id)


def notice_dropped(notice_id: int) -> Key:
    """To the author or the group's leaders: the notice was not sent, since what it rested on has changed."""
    return _key("notice_dropped", notice_id)


def notice_answer(reply_id: int) -> Key:
    """A leader's answer to a reply."""
    return _key("answer", reply_id)


def survey(survey_id: int, on: datetime) -> Key:
    """A text that asks members to take part in a survey, once a day."""
    return _key("survey", survey_id, f"{on:%Y%m%d}")


def walk(row_id: int, at: datetime, event: str) -> Key:
    """News of one-to-one support: what happened, to the row with this id."""
    return _key("walk", row_id, f"{at.timestamp():.3f}", event)


def walk_reminder(meeting_id: int, starts_at: datetime, step: str) -> Key:
    """A reminder of a meeting of two, at its current time."""
    return _key("walk_reminder", meeting_id, int(starts_at.timestamp()), step)


def carried(carried_id: int) -> Key:
    """Words from one person of a match to the other."""
    return _key("carried", carried_id)


def entries_set_aside(now: datetime) -> Key:
    """To the operator: entries that could not be processed were set aside."""
    return _key("failures", f"{now:%Y%m%d%H%M}")


def strangers(at: datetime) -> Key:
    """To the operator: strangers used half of their texts, once an hour."""
    return _key("strangers", f"{at:%Y%m%d%H}")


def odd_traffic(at: datetime) -> Key:
    """To the operator: odd callbacks are coming in, once an hour."""
    return _key("odd_traffic", f"{at:%Y%m%d%H}")


def out_of_credit(gateway: str, at: datetime) -> Key:
    """To the operator: an account is short of credit."""
    return _key("credit", gateway, f"{at:%Y%m%d%H%M}")


def start_answer(request_id: int, at: datetime) -> Key:
    """The network's answer to someone who would like to start a group."""
    return _key("start_answer", request_id, f"{at.timestamp():.3f}")


def start_asked(on: datetime) -> Key:
    """To admins of the network: somebody would like to start a group; once a day."""
    return _key("start_asked", f"{on:%Y%m%d}")


def leader_notice(notice_id: int) -> Key:
    """A notice of the network to all leaders."""
    return _key("leader_notice", notice_id)


def from_leader(assignment_id: int, at: datetime) -> Key:
    """What one leader writes to another."""
    return _key("from_leader", assignment_id, f"{at.timestamp():.3f}")
