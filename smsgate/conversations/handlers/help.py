"""Performs the actions about help texts, responders and help requests."""

from __future__ import annotations

from smsgate.conversations import missed_calls
from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.core.phone_numbers import readable_number
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.flows.typed.codes_in_texts import read_bare_code
from smsgate.groups import roles
from smsgate.help import backup_leader, endings, invitations, plans, removal, requests, responders, status
from smsgate.matching import endings as match_endings
from smsgate.surveys import surveys


@perform.register
def _(action: actions.MyPlan, context: ActionContext) -> results.PlanSeen:
    return status.plan(context.session, context.member, context.now)


@perform.register
def _(action: actions.MyHelpPlan, context: ActionContext) -> results.HelpPlanSeen:
    return status.help_plan(context.session, context.member, context.now)


@perform.register
def _(action: actions.KeepText, context: ActionContext) -> bool:
    return plans.save_text(
        context.session, the_member(context), action.words, context.now, text_id=action.text_id, chosen=action.chosen
    )


@perform.register
def _(action: actions.RemoveText, context: ActionContext) -> None:
    plans.remove_text(context.session, the_member(context), action.text_id)


@perform.register
def _(action: actions.PutFirst, context: ActionContext) -> None:
    plans.move_text_first(context.session, the_member(context), action.text_id, context.now)


@perform.register
def _(action: actions.SaveExtraInfo, context: ActionContext) -> None:
    plans.save_extra_info(context.session, the_member(context), action.which, action.words)


@perform.register
def _(action: actions.SaveEscalation, context: ActionContext) -> bool:
    return backup_leader.save_steps(
        context.session, the_member(context), action.then, action.minutes, action.leader, context.now
    )


@perform.register
def _(action: actions.AvailableLeaders, context: ActionContext) -> list[results.LeaderSeen]:
    leaders = backup_leader.leaders(context.session, the_member(context), context.now)
    return [{"id": leader.id, "name": roles.display_name(context.session, leader.phone_id)} for leader in leaders]


@perform.register
def _(action: actions.KeepPause, context: ActionContext) -> None:
    plans.set_pause(context.session, the_member(context), action.seconds)


@perform.register
def _(action: actions.KeepWord, context: ActionContext) -> str:
    if surveys.is_keyword(context.session, action.word) or read_bare_code(action.word, context.code):
        return "taken"
    return plans.set_send_keyword(context.session, the_member(context), action.word)


@perform.register
def _(action: actions.KeepRings, context: ActionContext) -> bool:
    plans.set_missed_call(context.session, the_member(context), action.on)
    return not action.on and missed_calls.take_back(context.session, the_member(context), context.now)


@perform.register
def _(action: actions.KeepLooking, context: ActionContext) -> None:
    plans.set_reviews(context.session, the_member(context), action.on, context.now)


@perform.register
def _(action: actions.MyResponders, context: ActionContext) -> list[results.ResponderSeen]:
    return responders.responder_results(context.session, context.member, context.now)


@perform.register
def _(action: actions.CheckNumber, context: ActionContext) -> str:
    return invitations.refusal(context.session, the_member(context), action.number, context.now)


@perform.register
def _(action: actions.AskResponder, context: ActionContext) -> str:
    return responders.invite(context.session, the_member(context), action.number, action.name, context.now)


@perform.register
def _(action: actions.AskAgain, context: ActionContext) -> str:
    return responders.invite_again(context.session, the_member(context), action.responder_id, context.now)


@perform.register
def _(action: actions.RemoveResponder, context: ActionContext) -> bool:
    return removal.remove_responder(context.session, the_member(context), action.responder_id, context.now)


@perform.register
def _(action: actions.MoveUp, context: ActionContext) -> None:
    responders.move_up(context.session, the_member(context), action.responder_id)


@perform.register
def _(action: actions.GiveText, context: ActionContext) -> None:
    responders.give_text(context.session, the_member(context), action.responder_id, action.text_id)


@perform.register
def _(action: actions.DoNotContactList, context: ActionContext) -> list[results.NeverSeen]:
    blocked = plans.do_not_contact_list(context.session, the_member(context))
    return [{"id": contact.id, "number": readable_number(contact.number)} for contact in blocked]


@perform.register
def _(action: actions.BlockNumber, context: ActionContext) -> str:
    member = the_member(context)
    blocked = removal.block_number(context.session, member, action.number, context.now)
    match_endings.end_with_number(context.session, member, action.number, context.now)
    return blocked


@perform.register
def _(action: actions.UnblockNumber, context: ActionContext) -> None:
    plans.unblock_number(context.session, the_member(context), action.never_id)


@perform.register
def _(action: actions.RaiseHelp, context: ActionContext) -> results.RaisedSeen:
    wish = requests.HelpOptions(action.text_id, action.practice, again=action.again)
    raised = requests.raise_help(context.session, the_member(context), context.now, wish)
    return {"people": raised.people, "seconds": raised.seconds, "later": raised.later, "spent": raised.spent}


@perform.register
def _(action: actions.SayFine, context: ActionContext) -> str:
    return _ended(endings.report_fine(context.session, the_member(context), context.now, practice=action.practice))


@perform.register
def _(action: actions.TakeBack, context: ActionContext) -> str:
    return _ended(endings.take_back(context.session, the_member(context), context.now))


def _ended(end: endings.EndResult) -> str:
    if end.earlier_stands:
        return "stands"
    if end.was_over:
        return "over"
    if end.told:
        return "told"
    return "gone" if end.was_read else "nobody"


@perform.register
def _(action: actions.WhoChoseMe, context: ActionContext) -> list[results.ChoiceSeen]:
    return responders.choice_results(context.session, context.phone_id, context.now)


@perform.register
def _(action: actions.AnswerChoice, context: ActionContext) -> str:
    return responders.record_answer(
        context.session, context.phone.id, action.responder_id, action.answer, context.now, practice=action.practice
    )
