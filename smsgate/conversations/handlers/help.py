"""How the actions about help texts, people and help requests are done."""

from __future__ import annotations

from smsgate.conversations.handlers.context import Scene, perform, the_member
from smsgate.core.phone_numbers import spoken
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import roles
from smsgate.help import escalation, plans, requests, responders, status


@perform.register
def _(action: actions.MyPlan, scene: Scene) -> results.PlanSeen:
    return status.plan(scene.session, scene.member, scene.now)


@perform.register
def _(action: actions.MyHelpPlan, scene: Scene) -> results.HelpPlanSeen:
    return status.help_plan(scene.session, scene.member, scene.now)


@perform.register
def _(action: actions.KeepText, scene: Scene) -> bool:
    return plans.save_text(
        scene.session, the_member(scene), action.words, scene.now, text_id=action.text_id, chosen=action.chosen
    )


@perform.register
def _(action: actions.RemoveText, scene: Scene) -> None:
    plans.remove_text(scene.session, the_member(scene), action.text_id)


@perform.register
def _(action: actions.PutFirst, scene: Scene) -> None:
    plans.move_text_first(scene.session, the_member(scene), action.text_id, scene.now)


@perform.register
def _(action: actions.KeepAlong, scene: Scene) -> None:
    plans.save_extra_info(scene.session, the_member(scene), action.which, action.words)


@perform.register
def _(action: actions.KeepThen, scene: Scene) -> None:
    plans.set_escalation(scene.session, the_member(scene), action.then, action.minutes)


@perform.register
def _(action: actions.LeadersToTurnTo, scene: Scene) -> list[results.LeaderSeen]:
    found = escalation.leaders(scene.session, the_member(scene), scene.now)
    return [{"id": one.id, "name": roles.display_name(scene.session, one.phone_id)} for one in found]


@perform.register
def _(action: actions.TurnTo, scene: Scene) -> bool:
    return escalation.choose_facilitator(scene.session, the_member(scene), action.appointment_id, scene.now)


@perform.register
def _(action: actions.KeepPause, scene: Scene) -> None:
    plans.set_pause(scene.session, the_member(scene), action.seconds)


@perform.register
def _(action: actions.KeepWord, scene: Scene) -> str:
    return plans.set_send_keyword(scene.session, the_member(scene), action.word)


@perform.register
def _(action: actions.KeepRings, scene: Scene) -> None:
    plans.set_missed_call(scene.session, the_member(scene), action.on)


@perform.register
def _(action: actions.KeepLooking, scene: Scene) -> None:
    plans.set_reviews(scene.session, the_member(scene), action.on, scene.now)


@perform.register
def _(action: actions.MyResponders, scene: Scene) -> list[results.ResponderSeen]:
    return responders.responder_results(scene.session, scene.member, scene.now)


@perform.register
def _(action: actions.AskResponder, scene: Scene) -> str:
    return responders.invite(scene.session, the_member(scene), action.number, action.name, scene.now)


@perform.register
def _(action: actions.RemoveResponder, scene: Scene) -> None:
    responders.remove_responder(scene.session, the_member(scene), action.responder_id, scene.now)


@perform.register
def _(action: actions.MoveUp, scene: Scene) -> None:
    responders.move_up(scene.session, the_member(scene), action.responder_id)


@perform.register
def _(action: actions.GiveText, scene: Scene) -> None:
    responders.give_text(scene.session, the_member(scene), action.responder_id, action.text_id)


@perform.register
def _(action: actions.NeverToldByMe, scene: Scene) -> list[results.NeverSeen]:
    found = plans.do_not_contact_list(scene.session, the_member(scene))
    return [{"id": one.id, "number": spoken(one.number)} for one in found]


@perform.register
def _(action: actions.NeverTell, scene: Scene) -> str:
    return responders.block_number(scene.session, the_member(scene), action.number, scene.now)


@perform.register
def _(action: actions.Forgive, scene: Scene) -> None:
    plans.unblock_number(scene.session, the_member(scene), action.never_id)


@perform.register
def _(action: actions.RaiseHelp, scene: Scene) -> results.RaisedSeen:
    wish = requests.HelpOptions(action.text_id, action.practice)
    raised = requests.raise_help(scene.session, the_member(scene), scene.now, wish)
    return {"people": raised.people, "seconds": raised.seconds, "later": raised.later}


@perform.register
def _(action: actions.SayFine, scene: Scene) -> int:
    return requests.report_fine(scene.session, the_member(scene), scene.now)


@perform.register
def _(action: actions.WhoChoseMe, scene: Scene) -> list[results.ChoiceSeen]:
    return responders.choices_seen(scene.session, scene.phone_id, scene.now)


@perform.register
def _(action: actions.AnswerChoice, scene: Scene) -> None:
    responders.record_answer(scene.session, scene.phone.id, action.responder_id, action.answer, scene.now)
