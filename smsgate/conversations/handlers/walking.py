"""Performs the actions of one-to-one support; each checks again whose match it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.core.i18n import SOURCE
from smsgate.flows import actions
from smsgate.flows.actions import walking_results as results
from smsgate.flows.actions.results import MomentSeen
from smsgate.matching import carrying, check_ins, endings, feedback, matches, meetings, programmes, views, waiting
from smsgate.matching.carrying import Carried
from smsgate.matching.matches import Answered
from smsgate.matching.wishes import Wishes
from smsgate.meetings import time_input
from smsgate.models import CheckInAnswer, Ending, Match, MatchMeeting, MatchState, Programme, Supporter
from smsgate.outbox import limits


def _match(context: ActionContext, match_id: int) -> tuple[Match, bool] | None:
    """Return a match of the caller's, and whether they are its supporter."""
    match = context.session.get(Match, match_id)
    side = views.side_of(context.session, match, context.member)
    return (match, side) if match is not None and side is not None else None


def _meeting(context: ActionContext, meeting_id: int) -> tuple[MatchMeeting, bool] | None:
    """Return a meeting of one of the caller's matches, and whether they are its supporter."""
    meeting = context.session.get(MatchMeeting, meeting_id)
    found = _match(context, meeting.match_id) if meeting else None
    return (meeting, found[1]) if meeting is not None and found else None


def _supporter(context: ActionContext, supporter_id: int) -> Supporter | None:
    """Return the caller's own role with this id, while they hold it."""
    supporter = context.session.get(Supporter, supporter_id)
    member = context.member
    if supporter is None or member is None or supporter.member_id != member.id:
        return None
    return supporter if supporter.ended_at is None and supporter.until > context.now else None


def _wishes(said: actions.Said) -> Wishes:
    return Wishes(tuple(said.languages), said.area or None, said.how, tuple(said.interests), tuple(said.kinds))


@perform.register
def _(action: actions.FindCard, context: ActionContext) -> results.CardSeen | None:
    batch = programmes.find_cards(context.session, action.code)
    if batch is None:
        return None
    return views.card(context.session, batch, context.member, context.phone.language, context.now)


@perform.register
def _(action: actions.QuestionsOf, context: ActionContext) -> results.QuestionsSeen:
    supporter = _supporter(context, action.supporter_id)
    programme = supporter.programme if supporter else context.session.get(Programme, action.programme_id)
    if programme is None:
        return {"languages": [], "interests": {}, "counties": {}, "towns": {}}
    return views.questions(context.session, programme, context.phone.language)


@perform.register
def _(action: actions.AskForSupporter, context: ActionContext) -> results.PlaceSeen | None:
    programme = programmes.programme_with(context.session, action.programme_id)
    if programme is None:
        return None
    seeker = waiting.ask(context.session, the_member(context), programme, _wishes(action.said), context.now)
    return views.place(context.session, seeker, context.now) if seeker else None


@perform.register
def _(action: actions.SayAboutMe, context: ActionContext) -> None:
    if supporter := _supporter(context, action.supporter_id):
        supporter.said = _wishes(action.said).stored()


@perform.register
def _(action: actions.MyWalks, context: ActionContext) -> results.MineSeen:
    return views.mine(context.session, the_member(context), context.now)


@perform.register
def _(action: actions.AnswerProposal, context: ActionContext) -> str:
    found = _match(context, action.match_id)
    if found is None:
        return Answered.GONE.value
    answered = matches.answer(
        context.session, action.match_id, supporter=found[1], yes=action.yes, now=context.now, code=context.code
    )
    return answered.value


@perform.register
def _(action: actions.LeaveList, context: ActionContext) -> None:
    seeker = waiting.seeker_of(context.session, the_member(context).id)
    if seeker is None:
        return
    match = waiting.proposal_for(context.session, seeker.member_id)
    if match is not None:
        matches.answer(context.session, match.id, supporter=False, yes=False, now=context.now, code=context.code)
    if waiting.open_match_of(context.session, seeker.member_id) is None:
        waiting.leave(context.session, seeker)


@perform.register
def _(action: actions.DecideNext, context: ActionContext) -> None:
    _decide(context, waits=action.waits)


def _decide(context: ActionContext, *, waits: bool) -> None:
    seeker = waiting.seeker_of(context.session, the_member(context).id)
    if seeker is None or waiting.open_match_of(context.session, seeker.member_id) is not None:
        return
    if waits:
        waiting.wait_again(context.session, seeker, context.now)
    else:
        waiting.leave(context.session, seeker)


@perform.register
def _(action: actions.TwoHere, context: ActionContext) -> results.TwoSeen | None:
    found = _match(context, action.match_id)
    if found is None or found[0].state is not MatchState.WALKING:
        return None
    return views.two(context.session, found[0], context.now, supporter=found[1])


@perform.register
def _(action: actions.EndMatch, context: ActionContext) -> bool:
    found = _match(context, action.match_id)
    if found is None:
        return False
    supporter = found[1]
    if not matches.end(
        context.session, action.match_id, Ending(action.ending), context.now, tells=(supporter, not supporter)
    ):
        return False
    if not supporter and action.next:
        _decide(context, waits=action.next == "wait")
    return True


@perform.register
def _(action: actions.ReadTimeOfTwo, context: ActionContext) -> MomentSeen:
    found = _match(context, action.match_id)
    zone = ZoneInfo(found[0].programme.zone if found else "UTC")
    try:
        moment = time_input.parse_time(action.typed, zone, context.now)
    except time_input.InvalidTime as error:
        return {"wrong": error.wrong.value, "at": "", "local": ""}
    local = moment.astimezone(zone).replace(tzinfo=None)
    return {"wrong": "", "at": moment.isoformat(), "local": local.isoformat(timespec="minutes")}


@perform.register
def _(action: actions.ProposeMeeting, context: ActionContext) -> bool | None:
    moved = _meeting(context, action.meeting_id)
    found = (moved[0].match, moved[1]) if moved else _match(context, action.match_id)
    if found is None or (action.meeting_id and moved is None):
        return False
    use = carrying.ask_to_write(context.session, found[0], context.now, by_supporter=found[1])
    if use is None:
        return None
    if done := _propose(action, context, *found):
        limits.record(context.session, use)
    return done


def _propose(action: actions.ProposeMeeting, context: ActionContext, match: Match, supporter: bool) -> bool:
    session, at, now, code = context.session, datetime.fromisoformat(action.at), context.now, context.code
    if action.meeting_id:
        return meetings.move(session, action.meeting_id, at, now, code, supporter=supporter)
    return meetings.propose(session, match, at, action.place, now, code, by_supporter=supporter) is not None


@perform.register
def _(action: actions.AnswerMeeting, context: ActionContext) -> bool:
    own = _meeting(context, action.meeting_id)
    if own is None:
        return False
    return meetings.answer(context.session, action.meeting_id, action.yes, context.now, context.code, supporter=own[1])


@perform.register
def _(action: actions.SkipMeeting, context: ActionContext) -> bool:
    own = _meeting(context, action.meeting_id)
    if own is None:
        return False
    return meetings.skip(context.session, action.meeting_id, context.now, context.code, supporter=own[1])


@perform.register
def _(action: actions.NoteMeeting, context: ActionContext) -> bool:
    own = _meeting(context, action.meeting_id)
    return bool(own and own[1]) and meetings.note(context.session, action.meeting_id, action.minutes, context.now)


@perform.register
def _(action: actions.WriteToOther, context: ActionContext) -> str:
    found = _match(context, action.match_id)
    if found is None:
        return Carried.OVER.value
    return carrying.carry(context.session, found[0], action.words, context.now, by_supporter=found[1]).value


@perform.register
def _(action: actions.TextsOfOther, context: ActionContext) -> list[results.CarriedSeen]:
    found = _match(context, action.match_id)
    if found is None or found[0].state is not MatchState.WALKING:
        return []
    zone = ZoneInfo(found[0].programme.zone)
    return [
        {"at": text.at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes"), "words": text.words}
        for text in carrying.received(context.session, found[0], context.now, supporter=found[1])
    ]


@perform.register
def _(action: actions.AnswerCheckIn, context: ActionContext) -> bool:
    said = CheckInAnswer(action.said)
    return check_ins.answer(context.session, action.check_in_id, the_member(context), said, context.now)


@perform.register
def _(action: actions.QuestionsOfTwo, context: ActionContext) -> dict[str, Any]:
    return dict(feedback.questions(feedback.OF_ALL if action.of_all else feedback.QUESTIONS))


@perform.register
def _(action: actions.SayHowItWas, context: ActionContext) -> list[str]:
    programme = _say(action, context)
    if programme is None or not action.answers:
        return []
    return views.said_together(context.session, programme, context.phone.language or SOURCE)


def _say(action: actions.SayHowItWas, context: ActionContext) -> Programme | None:
    if not action.match_id:
        return feedback.say_without_match(context.session, the_member(context), action.answers, context.now)
    found = _match(context, action.match_id)
    if found is None or not feedback.say(context.session, found[0], action.answers, context.now, supporter=found[1]):
        return None
    return found[0].programme


@perform.register
def _(action: actions.SetChecked, context: ActionContext) -> None:
    if seeker := waiting.seeker_of(context.session, the_member(context).id):
        seeker.checked = action.on


@perform.register
def _(action: actions.SetWalkReminders, context: ActionContext) -> None:
    if not action.supporter_id:
        if seeker := waiting.seeker_of(context.session, the_member(context).id):
            seeker.reminders = action.times
    elif supporter := _supporter(context, action.supporter_id):
        supporter.reminders = action.times


@perform.register
def _(action: actions.ShareNumber, context: ActionContext) -> None:
    if found := _match(context, action.match_id):
        matches.share_number(context.session, action.match_id, supporter=found[1], yes=action.yes)


@perform.register
def _(action: actions.RestSupporting, context: ActionContext) -> None:
    supporter = _supporter(context, action.supporter_id)
    if supporter is None:
        return
    if action.on:
        endings.rest(context.session, supporter, context.now, keeps_people=action.keeps_people)
    else:
        supporter.rests_at = None


@perform.register
def _(action: actions.SetRoom, context: ActionContext) -> None:
    if supporter := _supporter(context, action.supporter_id):
        matches.set_room(context.session, supporter, action.room)


@perform.register
def _(action: actions.EndSupporting, context: ActionContext) -> None:
    if supporter := _supporter(context, action.supporter_id):
        endings.end_role(context.session, supporter, context.now)
