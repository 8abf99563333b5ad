"""Finding a group: near the caller, by first letters, by language or by phone; from hundreds to one in a few keys.

Nobody has to be a member to look: everybody sees what a group allows, and only joining stores a number.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any

from smsgate.core.i18n import _, language_now, say_short_day_of, say_when
from smsgate.flows.actions import (
    AreasWithGroups,
    GroupPage,
    GroupsListed,
    LanguagesSpoken,
    LookAtDirectory,
    SearchDirectory,
)
from smsgate.flows.actions.results import AreaSeen, DirectorySeen, FoundSeen, ListedSeen, PageSeen, PlaceSeen
from smsgate.flows.finding import start_group
from smsgate.flows.finding.narrowing import RangeLabel, fits_one_screen, initials, pick
from smsgate.flows.member import joining
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

TRIES = 3
LONGEST_LETTERS = 30
NEAR_KEYS = 4  # pressed at most for "near me"
TOWNS_AT_ONCE = 100  # a session holds no more
GROUPS_ON_SCREENS = (1, 3, 28)  # each of these counts that is exceeded takes one more key
LARGE_MOST = 3  # areas offered before the others

Found = Generator[Any, Any, int | None]  # returns the id of a group, or None if there was none


def find(caller: Caller) -> Flow:
    """Find a group and read about it, or ask to start one."""
    if caller.seeks:
        found = yield Do("sought", SearchDirectory(caller.seeks))
        group_id = yield from _among(found)
        if group_id is not None:
            yield from _show(caller, group_id)
            return
        yield Tell(_("No group was found for {words}.").format(words=caller.seeks))
    there = yield Do("directory", LookAtDirectory())
    yield from go(caller, (yield Choose("find", _("Find a group"), ways(there))))


def ways(there: DirectorySeen) -> dict[str, str]:
    """Return the ways that lead to a group, and starting one. Their keys depend on what there is."""
    lead = {"near": _("Near me")} if there["areas"] else {}
    lead["letters"] = _("By first letters")
    if there["languages"]:
        lead["language"] = _("By language")
    if there["by_phone"]:
        lead["by_phone"] = _("Groups that meet by phone")
    return {**lead, "start": _("Start a group")}


def go(caller: Caller, way: str) -> Flow:
    """Follow one of the `ways`: to what a group says of itself, or to asking to start one."""
    if way == "start":
        yield from start_group.start(caller)
        return
    group_id = yield from WAYS[way]()
    if group_id is None:
        yield Tell(_("No group is listed there now."))
    else:
        yield from _show(caller, group_id)


def _near(language_id: int | None = None) -> Found:
    """Ask for the county, then the town unless it has only one; or for the town at once if that takes fewer keys."""
    counties = yield Do("counties", AreasWithGroups(None, language_id))
    if not counties:
        return None
    if _shorter_by_town(counties):
        towns = yield Do("places", AreasWithGroups(None, language_id, towns_at_once=True))
        town = (yield from _pick_area("place", _("Where?"), towns)) if towns else counties[0]
    else:
        county = yield from _pick_area("county", _("Where?"), counties)
        towns = yield Do("towns", AreasWithGroups(county["id"], language_id))
        town = (yield from _pick_area("town", county["name"], towns)) if towns else county
    return (yield from _pick_listed(GroupsListed(town["id"], only_here=True, language_id=language_id)))


def _shorter_by_town(counties: list[PlaceSeen]) -> bool:
    needed = 1 + (not fits_one_screen(_("Where?"), [county["name"] for county in counties]))
    needed += max((county["towns"] > 1) + _keys_within(county) for county in counties)
    return needed > NEAR_KEYS and 1 < sum(county["towns"] for county in counties) <= TOWNS_AT_ONCE


def _keys_within(place: PlaceSeen) -> int:
    """Return about how many keys lead from a town to one of its groups."""
    return sum(place["groups"] > some for some in GROUPS_ON_SCREENS)


def _pick_area(name: str, question: str, areas: list[PlaceSeen]) -> Generator[Choose, Any, PlaceSeen]:
    """Let the caller choose one; areas whose many groups take more keys than the others' are on the first screen."""
    if len(areas) == 1:
        return areas[0]
    labels = {str(area["id"]): area["name"] for area in areas}
    largest_first = sorted(areas, key=lambda area: -area["groups"])
    large = [
        str(area["id"]) for area in largest_first[:LARGE_MOST] if _keys_within(area) > _keys_within(largest_first[-1])
    ]
    chosen = yield from pick(name, question, labels, first=large)
    return next(area for area in areas if str(area["id"]) == chosen)


def _area_label(area: AreaSeen) -> str:
    return _("All of {area}").format(area=area["name"]) if area["all"] else area["name"]


def _by_language() -> Found:
    languages = yield Do("languages", LanguagesSpoken())
    if not languages:
        return None
    chosen = str(languages[0]["id"])
    if len(languages) > 1:
        named = {str(language["id"]): language["name"] for language in languages}
        chosen = yield from pick("spoken", _("Which language?"), named)
    listed = yield Do("in_language", GroupsListed(language_id=int(chosen)))
    if not listed or fits_one_screen(_("Which group?"), [group["name"] for group in listed]):
        return (yield from _pick_group(listed))
    return (yield from _near(int(chosen)))


def _by_phone() -> Found:
    return (yield from _pick_listed(GroupsListed(by_phone=True)))


def _by_letters() -> Found:
    """Ask for the first letters of a town, a county or a group, typed as letters or as the digits of their keys."""
    for turn in range(1, TRIES + 1):
        question = _("Type the first letters of a town or a group, or their keys: 625 for Nakuru.")
        typed = yield Ask(f"letters{turn}", question, longest=LONGEST_LETTERS)
        found = yield Do(f"by_letters{turn}", SearchDirectory(typed))
        if found["areas"] or found["groups"]:
            return (yield from _among(found))
        yield Tell(_("No group was found for {words}.").format(words=typed))
    return None


def _among(found: FoundSeen) -> Found:
    """Let the caller choose among the results: areas, then groups; all by name if they need more than one screen."""
    areas, listed = found["areas"], found["groups"]
    if not areas:
        return (yield from _pick_group(listed))
    labels = {f"a{area['id']}": _area_label(area) for area in areas}
    labels |= {f"g{group['id']}": group["name"] for group in listed}
    if not fits_one_screen(_("Which one?"), list(labels.values())):
        labels = dict(sorted(labels.items(), key=lambda each: each[1].casefold()))
    chosen = next(iter(labels))
    if len(labels) > 1:
        chosen = yield from pick("found", _("Which one?"), labels)
    if chosen.startswith("g"):
        return int(chosen[1:])
    return (yield from _pick_listed(GroupsListed(int(chosen[1:]))))


def _pick_listed(action: GroupsListed) -> Found:
    return (yield from _pick_group((yield Do("listed_here", action))))


def _pick_group(listed: list[ListedSeen]) -> Found:
    """Let the caller choose a group, the next to meet first. A single one is taken without asking."""
    if len(listed) < 2:
        return listed[0]["id"] if listed else None
    names = {str(group["id"]): group["name"] for group in listed}
    return int((yield from pick("pick", _("Which group?"), names, _days_of(listed))))


def _days_of(listed: list[ListedSeen]) -> RangeLabel:
    """Label a range of groups by the days on which its first and last one next meet; by names if no day is known."""
    if not any(group["next"] for group in listed):
        return initials({str(group["id"]): group["name"] for group in listed})
    days = {str(group["id"]): say_short_day_of(group["next"][:10]) if group["next"] else "?" for group in listed}

    def say(keys: Sequence[str], first: int, last: int) -> str:
        start, end = days[keys[first]], days[keys[last]]
        return start if start == end else f"{start} - {end}"

    return say


def _show(caller: Caller, group_id: int) -> Flow:
    """Show what a group says of itself, and offer to join it."""
    page = yield Do("about_group", GroupPage(group_id, language_now()))
    if page is None:
        yield Tell(_("This group is closed. Nothing was changed."))
        return
    if not page.get("standing"):
        join = _("Ask to join") if page.get("by_approval") else _("Join")
        if (yield Choose("page", _about(page), {"join": join, "no": _("Not now")})) == "no":
            yield Tell(_("That is fine. Nothing was changed."))
            return
    yield from joining.confirm_joining(caller, page)


def _about(page: PageSeen) -> str:
    where = [page["area"], *([_("By phone")] if page["by_phone"] else [])]
    said = [
        page["name"],
        ". ".join(filter(None, [*where, page["meets"]])),
        _("Next: {when}").format(when=say_when(datetime.fromisoformat(page["next"]))) if page["next"] else "",
        page["place"],
        _("For: {people}").format(people=", ".join(page["open_to"])) if page["open_to"] else "",
        ", ".join(page["languages"]),
    ]
    return "\n".join(filter(None, said))


WAYS = {"near": _near, "letters": _by_letters, "language": _by_language, "by_phone": _by_phone}
