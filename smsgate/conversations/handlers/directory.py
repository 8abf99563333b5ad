"""Performs the actions of people who look for a group; they need not be members."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, perform
from smsgate.directory import search, start_requests
from smsgate.flows import actions
from smsgate.flows.actions import results


@perform.register
def _(action: actions.LookAtDirectory, context: ActionContext) -> results.DirectorySeen:
    return search.ways(context.session)


@perform.register
def _(action: actions.AreasWithGroups, context: ActionContext) -> list[results.PlaceSeen]:
    if action.towns_at_once:
        return search.places_with_groups(context.session, action.language_id)
    if action.county_id is None:
        return search.counties_with_groups(context.session, action.language_id)
    return search.towns_with_groups(context.session, action.county_id, action.language_id)


@perform.register
def _(action: actions.LanguagesSpoken, context: ActionContext) -> list[results.AreaSeen]:
    return search.languages_spoken(context.session)


@perform.register
def _(action: actions.GroupsListed, context: ActionContext) -> list[results.ListedSeen]:
    return search.groups_listed(
        context.session, context.now, area_id=action.area_id, only_here=action.only_here,
        language_id=action.language_id, by_phone=action.by_phone,
    )  # fmt: skip


@perform.register
def _(action: actions.SearchDirectory, context: ActionContext) -> results.FoundSeen:
    return search.by_letters(context.session, action.typed, context.now)


@perform.register
def _(action: actions.GroupPage, context: ActionContext) -> results.PageSeen | None:
    return search.page_of(context.session, action.group_id, context.member, action.language, context.now)


@perform.register
def _(action: actions.AskToStart, context: ActionContext) -> bool:
    asked = (action.place, action.idea, action.language)
    return start_requests.ask(context.session, context.phone, *asked, context.now)
