"""Groups and meetings in the console as leaders use it, from the form to members' phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from smsgate.groups import audit_log, join_requests
from smsgate.meetings import series
from smsgate.meetings.series import SeriesSettings
from smsgate.models import Group, JoinRequest, Meeting, Role, RoleAssignment, Series
from smsgate.notices import group_closing
from smsgate.service import Service
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.openings import Play
from tests.support.people import Phone

HOME = "/console/groups/4521"
SECTION_OF = {
    **dict.fromkeys(("name", "code", "zone"), "Save the group"),
    "welcome_en": "Save joining",
    **dict.fromkeys(("reminders", "quiet_until", "replies_days"), "Save texts"),
}


@pytest.fixture
def admin(service: Service, group: Group, juma: Phone) -> Phone:
    leads(service, juma, group, Role.ADMIN)
    return juma


@pytest.fixture
def console(app: Flask, service: Service, admin: Phone, opening: Play) -> Console:
    made = Console(app, service)

    def begins() -> None:
        made.signs_in(admin)

    opening(begins, made, admin)
    return made


@pytest.fixture
def fridays(service: Service, group: Group) -> Series:
    with service.database.transaction() as session:
        shape = SeriesSettings(rule="FREQ=WEEKLY;BYDAY=FR", at=time(15), zone=group.zone, place="Library", topic="Tea")
        return series.add_series(session, session.get_one(Group, group.id), shape, service.now())


def joins(phone: Phone, *, name: str = "") -> None:
    """Join the group, with a name or none; the next screen is the answer."""
    phone.dials("*384*77*4521#")
    phone.picks("English", "Join")
    if name:
        phone.types(name)
    else:
        phone.picks("No name")
    phone.types("1")


def turns_to(phone: Phone, label: str) -> None:
    """Turn pages until the label appears, and choose it."""
    for _page in range(5):
        if label in phone.handset.screen:
            break
        phone.picks("More")
    phone.picks(label)


def by_approval(service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        session.get_one(Group, group.id).by_approval = True


def log_of(service: Service, group: Group) -> list[str]:
    with service.database.reading() as session:
        return [entry.what for entry in audit_log.entries(session, group.id)]


def the_group(service: Service, group: Group) -> Group:
    with service.database.reading() as session:
        return session.get_one(Group, group.id)


def test_an_admin_of_the_network_sets_up_a_group(app: Flask, service: Service, fatuma: Phone, amina: Phone) -> None:
    looks_after_the_network(service, fatuma)
    console = Console(app, service)
    console.signs_in(fatuma)
    console.follows("Create a group")
    console.sends("Create group", status=422, name="", code="12", zone="Nairobi", quiet_from="21:00", quiet_until="")
    console.sees("Enter the group's name.", "3 to 8 digits", "no such time zone", "Fill in both")
    wanted: dict[str, Any] = {"name": "Upendo", "code": "777", "zone": "Africa/Kampala", "languages": ["en", "sw"]}
    welcome: dict[str, Any] = {"welcome_en": "Tea is ready.", "welcome_sw": "Chai iko tayari."}
    console.sends("Create group", quiet_from="20:00", quiet_until="08:00", **wanted, **welcome)
    console.sees("Upendo has the code 777", "Settings")
    amina.dials("*384*77*777#", "1", "1", "1")
    amina.picks("Join")
    amina.sees("You've joined Upendo", "Tea is ready.")
    with service.database.reading() as session:
        made = session.query(Group).filter_by(code="777").one()
        assert (made.languages, made.zone, made.quiet_from) == ("en sw", "Africa/Kampala", time(20))
        assert "group_made" in [entry.what for entry in audit_log.entries(session, made.id)]


def test_nobody_else_sets_one_up(console: Console) -> None:
    console.opens("/console/new-group", status=403)


def test_settings_are_kept_once_and_noted(console: Console, service: Service, group: Group) -> None:
    console.opens(f"{HOME}/settings")
    form = console.form("Save the group")
    console.sends("Save texts", reminders="2d 3h", tells_place=None, replies_allowed="y", replies_days="30")
    console.sees("Saved.")
    console.sends("Save the group", name="Imani")
    console.sees("Saved.", "Imani")
    stands = the_group(service, group)
    assert (stands.name, stands.reminders, stands.tells_place, stands.replies_days) == ("Imani", "2d 3h", False, 30)
    console.posts(form.action, {**dict(form.values), "name": "Twice"})
    console.sees("already done")
    assert the_group(service, group).name == "Imani"
    assert log_of(service, group).count("group_changed") == 2


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "x" * 31, "cannot be longer"),
        ("code", "abc", "3 to 8 digits"),
        ("reminders", "now and then", "Write it like this: 1d 2h"),
        ("reminders", "1d 2d 3d 4d 5d", "At most four"),
        ("welcome_en", "x" * 101, "At most 100 characters"),
        ("welcome_en", "Karibu 🙂", "can't show 🙂"),
        ("welcome_en", "Kari\u200bbu 👩‍👩‍👧", "can't show 👩‍👩‍👧"),
        ("welcome_en", "Karibu ɗoo", "can't show ɗ"),
        ("quiet_until", "20:59", "up to 16 hours"),
        ("replies_days", "91", "between 1 and 90"),
        ("zone", "../etc/passwd", "no such time zone"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    console: Console, service: Service, group: Group, field: str, typed: str, said: str
) -> None:
    console.opens(f"{HOME}/settings")
    wrong: dict[str, Any] = {field: typed}
    console.sends(SECTION_OF[field], status=422, **wrong)
    console.sees(said, "Nothing saved yet")
    assert typed in console.last.text, "what was typed stays"
    assert log_of(service, group).count("group_changed") == 0


def test_zones_of_the_continent_are_there_to_choose_from(console: Console) -> None:
    console.opens(f"{HOME}/settings")
    assert '<option value="Africa/Kampala">' in console.last.text
    assert "Europe/" not in console.last.text


def test_hostile_words_are_words(console: Console) -> None:
    console.opens(f"{HOME}/settings")
    console.sends("Save joining", welcome_en="<script>alert(1)</script>")
    assert "<script>alert" not in console.last.text
    console.opens(f"{HOME}/settings")
    assert "&lt;script&gt;alert(1)" in console.last.text


def test_two_admins_at_once_and_nothing_typed_is_lost(
    app: Flask, service: Service, console: Console, group: Group, fatuma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(fatuma)
    for one in (console, other):
        one.opens(f"{HOME}/settings")
    console.sends("Save the group", name="Imani")
    other.sends("Save the group", status=422, name="Faraja", zone="Africa/Kampala")
    other.sees("Someone else changed this group in the meantime", "Current value: Imani")
    assert 'value="Faraja"' in other.last.text
    assert 'value="Africa/Kampala"' in other.last.text
    assert the_group(service, group).name == "Imani"
    other.sends("Save joining", welcome_en="Come in.")
    other.sees("Saved.", "Imani")
    other.sends("Save the group", name="Faraja")
    other.sees("Saved.", "Faraja")
    assert 'value="Come in."' in other.last.text


def test_who_asks_waits_for_a_yes_and_hears_it(
    console: Console, service: Service, group: Group, amina: Phone, fatuma: Phone
) -> None:
    by_approval(service, group)
    joins(amina, name="Wanjiku")
    amina.sees("You have asked.")
    joins(fatuma)
    console.opens(f"{HOME}/meetings")
    console.follows("2 people would like to join.")
    console.sees("Wanjiku", "Someone")
    console.sees_not(amina.number, amina.number[-3:] + " ")
    form = console.form("Approve")
    console.sends("Approve")
    console.sees("Approved.", "Someone")
    assert "The group you asked for has let you in" in amina.reads()[-1]
    assert "Tumaini" not in amina.reads()[-1], "a shared phone tells nothing"
    amina.dials(None, "2")
    console.posts(form.action, {**dict(form.values), "answer": "yes"})
    console.sees("This was answered already.")
    assert len([text for text in amina.reads() if "asked for" in text]) == 1
    console.sends("Decline")
    assert "No reason is recorded" in fatuma.reads()[-1]
    console.sees("No requests now.")
    assert {"let_in", "not_let_in"} <= set(log_of(service, group))


def test_a_request_is_forgotten_after_14_days(
    service: Service, group: Group, amina: Phone, time_passes: Callable[..., None]
) -> None:
    by_approval(service, group)
    joins(amina)
    with service.database.transaction() as session:
        session.query(JoinRequest).update({"asked_at": service.now() - join_requests.KEPT})
        assert join_requests.open_requests(session, group.id, service.now()) == []
        join_requests.end_old_requests(session, service.now(), "*384*77#")
        assert session.query(JoinRequest).count() == 0


def test_who_asked_takes_it_back_by_the_same_word_as_leaving(service: Service, group: Group, amina: Phone) -> None:
    by_approval(service, group)
    joins(amina)
    assert "You have left Tumaini" in amina.texts("STOP 4521")
    with service.database.reading() as session:
        assert session.query(JoinRequest).count() == 0
    assert "You're not in a group with code 4521" in amina.texts("STOP 4521")


def test_who_leads_answers_by_phone_too(service: Service, group: Group, admin: Phone, amina: Phone) -> None:
    joins(admin)
    by_approval(service, group)
    joins(amina, name="Wanjiku")
    admin.dials()
    turns_to(admin, "Lead a group")
    turns_to(admin, "Requests to join: 1")
    admin.picks("Wanjiku", "Let them in")
    admin.sees("They are told.")
    assert "has let you in" in amina.reads()[-1]


def test_an_admin_of_the_network_does_not_see_who_asks(
    app: Flask, service: Service, group: Group, otieno: Phone
) -> None:
    looks_after_the_network(service, otieno)
    console = Console(app, service)
    console.signs_in(otieno)
    console.opens(f"{HOME}/settings")
    console.opens(f"{HOME}/asking", status=404)


def test_a_meeting_is_planned_moved_and_cancelled_after_a_look(
    console: Console, service: Service, group: Group, amina: Phone
) -> None:
    joins(amina)
    console.opens(f"{HOME}/meetings")
    console.follows("Plan a meeting")
    console.sends("Plan meeting", status=422, day="2026-11-01", at="14:00")
    console.sees("That is in the past.")
    for day, at, said in (
        ("2026-11-25", "9:00 PM", "time like 15:00"),
        ("20260-11-25", "9:00", "day like"),
        ("9999-11-25", "9:00", "day like"),
    ):
        console.sends("Plan meeting", status=422, day=day, at=at)
        console.sees(said)
    console.sends("Plan meeting", day="2026-11-25", at="14:00:00", place="Library")
    console.sees("Meeting planned.", "Wednesday 25 November 2026, 14:00", "fewer than 5")
    before = len(amina.reads())
    console.sends("Preview the message", at="16:00")
    console.sees("Fewer than 5 people get it, now: English Changed: Wed 25 Nov 14:00 is now Wed 25 Nov 16:00.")
    assert len(amina.reads()) == before, "looking tells nobody"
    with service.database.reading() as session:
        assert session.query(Meeting).one().moves == 0
    form = console.form("Save changes")
    console.sends("Save changes")
    console.sees("Changes saved.", "25 November 2026, 16:00", "moved")
    assert "16:00" in amina.reads()[-1]
    console.posts(form.action, {**dict(form.values), "do": "do"})
    console.sees("already done")
    console.sends("Cancel meeting…")
    console.sees("Fewer than 5 people get it, now: English Cancelled: Wed 25 Nov 16:00.")
    console.sends("Cancel meeting")
    console.sees("Meeting cancelled.")
    assert len(amina.reads()) == before + 2
    log = log_of(service, group)
    assert [word.partition(":")[0] for word in log[:3]] == ["meeting_cancelled", "meeting_changed", "meeting_planned"]


def test_what_was_changed_after_the_look_is_looked_at_again(
    console: Console, meeting: Meeting, service: Service
) -> None:
    console.opens(f"{HOME}/meetings/{meeting.id}")
    console.sends("Preview the message", at="16:00")
    console.sends("Save changes", at="17:00")
    console.sees("Preview the message")
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).moves == 0
    console.sends("Save changes")
    console.sees("17:00", "Changes saved.")


def test_two_change_a_meeting_at_once(
    app: Flask, service: Service, console: Console, group: Group, meeting: Meeting, fatuma: Phone
) -> None:
    leads(service, fatuma, group)
    other = Console(app, service)
    other.signs_in(fatuma)
    for one, at in ((console, "16:00"), (other, "10:00")):
        one.opens(f"{HOME}/meetings/{meeting.id}")
        one.sends("Preview the message", at=at)
    console.sends("Save changes")
    other.sends("Save changes", status=422)
    other.sees("Someone else changed this meeting in the meantime", "16:00")
    assert 'value="10:00"' in other.last.text


def test_a_place_and_a_time_are_told_in_one_text(console: Console, meeting: Meeting, amina: Phone) -> None:
    joins(amina)
    before = len(amina.reads())
    console.opens(f"{HOME}/meetings/{meeting.id}")
    console.sends("Preview the message", at="16:00", place="Library")
    console.sends("Save changes")
    assert len(amina.reads()) == before + 1


def test_what_another_moved_after_the_look_is_not_cancelled(
    console: Console, app: Flask, service: Service, meeting: Meeting, group: Group, juma: Phone
) -> None:
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    console.opens(f"{HOME}/meetings/{meeting.id}")
    console.sends("Cancel meeting…")
    other.opens(f"{HOME}/meetings/{meeting.id}")
    other.sends("Preview the message", at="17:00")
    other.sends("Save changes")
    console.sends("Cancel meeting", status=409)
    console.sees("Someone else changed this in the meantime. Your change wasn't saved.", "17:00")
    console.sends("Cancel meeting…")
    console.sends("Cancel meeting")
    console.sees("Meeting cancelled.")


def test_a_new_address_of_the_calendar_is_not_replaced_unseen(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone
) -> None:
    leads(service, juma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(juma)
    other.opens(f"{HOME}/calendar")
    console.opens(f"{HOME}/calendar")
    console.sends("Create addresses")
    with service.database.reading() as session:
        token = session.get_one(Group, group.id).calendar_token
    other.sends("Create addresses", named="y")
    other.sees("Someone else changed this in the meantime.")
    with service.database.reading() as session:
        found = session.get_one(Group, group.id)
        assert (found.calendar_token, found.calendar_named) == (token, False)


def test_how_many_came(
    console: Console, admin: Phone, meeting: Meeting, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    time_passes(days=2, hours=6)
    console.signs_in(admin)
    console.opens(f"{HOME}/meetings/{meeting.id}")
    console.sends("Save number", status=422, came="1000")
    console.sends("Save number", came="12")
    console.sees("Saved.")
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).attended == 12


def test_two_who_count_one_meeting(
    console: Console, app: Flask, admin: Phone, juma: Phone, meeting: Meeting, service: Service, group: Group,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    leads(service, juma, group)
    time_passes(days=2, hours=6)
    other = Console(app, service)
    for one, who in ((console, admin), (other, juma)):
        one.signs_in(who)
        one.opens(f"{HOME}/meetings/{meeting.id}")
    console.sends("Save number", came="12")
    other.sends("Save number", status=422, came="21")
    other.sees("Someone else changed this in the meantime. Save again to keep what you typed. Came: 12")
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).attended == 12
    other.sends("Save number", came="21")
    other.sees("Saved.")
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).attended == 21


def test_a_series_is_added_changed_and_ended(console: Console, service: Service, group: Group, amina: Phone) -> None:
    joins(amina)
    console.opens(f"{HOME}/meetings")
    console.follows("Add a repeating meeting")
    console.sends("Add repeating meeting", status=422, at="15:00")
    console.sees("Choose the days.")
    console.sends("Add repeating meeting", status=422, at="15:00", days=["fri"], first="2020-01-01")
    console.sees("That is in the past.")
    console.sends("Add repeating meeting", days=["fri"], at="15:00", first="", place="Library")
    console.sees("every week: Friday", "Friday 27 November 2026, 15:00")
    before = len(amina.reads())
    console.sends("Preview the message", at="16:00")
    console.sees(
        "dates have a new time", "Fewer than 5 people get it, now: English Changed: Fri 27 Nov 15:00 and 8 more."
    )
    console.sends("Save changes")
    console.sees("27 November 2026, 16:00")
    assert len(amina.reads()) == before + 1
    console.opens(f"{HOME}/meetings?month=2026-12")
    console.sees("December 2026", "Friday 4 December")
    console.follows("Change: every week: Friday")
    console.sends("End repeating meeting…")
    console.sees(
        "dates are cancelled", "Fewer than 5 people get it, now: English Cancelled: Fri 27 Nov 16:00 and 8 more."
    )
    form = console.form("End repeating meeting")
    console.sends("End repeating meeting")
    console.sees("Repeating meeting ended.", "No repeating meetings yet.")
    console.posts(form.action, {**dict(form.values), "do": "do"})
    console.sees("already done")
    assert len(amina.reads()) == before + 2
    with service.database.reading() as session:
        assert session.query(Series).one().ended_at is not None


def test_months_and_an_extra_date(console: Console, service: Service, group: Group) -> None:
    console.opens(f"{HOME}/series/new")
    console.sends("Add repeating meeting", every="month", nth="last", days=["fri"], at="15:00")
    console.sees("every month: the last Friday")
    console.follows("Add an extra date")
    with service.database.reading() as session:
        number = str(session.query(Series).one().id)
    console.sends("Plan meeting", day="2026-12-01", at="10:00", series=number, minutes="60")
    console.sees("extra")
    console.opens(f"{HOME}/series/{number}")
    console.sends("Preview the message", month_days="1, 40", status=422)
    console.sees("Write days of the month like 1, 15")


def test_a_rule_that_the_form_cannot_say_is_kept(console: Console, service: Service, group: Group) -> None:
    rule = "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-2"
    with service.database.transaction() as session:
        one = series.add_series(
            session,
            session.get_one(Group, group.id),
            SeriesSettings(rule=rule, at=time(9), zone=group.zone),
            service.now(),
        )
    console.opens(f"{HOME}/series/{one.id}")
    console.sends("Preview the message", at="10:00")
    console.sends("Save changes")
    with service.database.reading() as session:
        stands = session.get_one(Series, one.id)
        assert (stands.rule, stands.at) == (rule, time(10))


def test_the_month_shows_what_moved_and_what_is_off(
    console: Console, service: Service, group: Group, fridays: Series
) -> None:
    with service.database.transaction() as session:
        series.skip_date(session, session.get_one(Series, fridays.id), date(2026, 12, 4), service.now(), "*384*77#")
    console.opens(f"{HOME}/meetings?month=2026-12")
    console.sees("cancelled", "Tea", "Next month")
    console.opens(f"{HOME}/meetings?month=9999-99")
    console.sees("November 2026")
    assert len(console.last.data) < 60_000


def test_a_facilitator_moves_a_meeting_and_leaves_the_rest_to_admins(
    app: Flask, service: Service, group: Group, meeting: Meeting, fridays: Series, amina: Phone
) -> None:
    leads(service, amina, group)
    console = Console(app, service)
    console.signs_in(amina)
    console.opens(f"{HOME}/meetings")
    console.sees_not("Add a repeating meeting", "Settings")
    console.opens(f"{HOME}/meetings/{meeting.id}")
    console.sees("Preview the message")
    for page in ("settings", "series/new", f"series/{fridays.id}", "close", "calendar"):
        console.opens(f"{HOME}/{page}", status=403)


def test_the_calendars_address_is_made_and_made_anew(console: Console, service: Service, group: Group) -> None:
    console.opens(f"{HOME}/calendar")
    console.sends("Create addresses", named="y")
    first = the_group(service, group).calendar_token
    assert first
    assert the_group(service, group).calendar_named
    console.sees(f"/calendar/{first}.ics")
    console.sends("Replace the addresses")
    assert the_group(service, group).calendar_token != first
    assert the_group(service, group).calendar_named


def test_a_group_is_closed_after_a_look(
    console: Console, service: Service, group: Group, meeting: Meeting, amina: Phone
) -> None:
    joins(amina)
    before = len(amina.reads())
    console.opens(f"{HOME}/close")
    console.sees("Fewer than 5 people get it, now: English Cancelled: Wed 25 Nov 14:00.")
    assert the_group(service, group).closed_at is None
    console.sees("Before you close it", "An admin of the network can reopen it for 30 days")
    console.sends("Close group", status=422, name="Tumbani")
    console.sees("Type the group's name exactly as above.")
    assert the_group(service, group).closed_at is None
    console.sends("Close group", name=" tumaini ")
    console.sees("Tumaini is closed.")
    assert the_group(service, group).closed_at is not None
    assert len(amina.reads()) == before + 1
    console.opens("/console/")
    console.sees_not("Tumaini")


def test_the_dates_of_a_series_are_seen_before_it_is_added(console: Console, service: Service, group: Group) -> None:
    console.opens(f"{HOME}/series/new")
    console.sees("The first dates appear here")
    console.sends("Preview dates", days=["tue", "fri"], at="15:00")
    console.sees("First dates", "Tue 24 Nov 15:00", "Fri 27 Nov 15:00", "Tue 1 Dec 15:00")
    with service.database.reading() as session:
        assert not session.query(Series).count()
    console.sends("Add repeating meeting")
    console.sees("Meetings planned.", "Friday 27 November 2026")


def test_a_day_of_the_month_is_pressed_to_plan_on_it(console: Console) -> None:
    console.opens(f"{HOME}/meetings")
    console.opens(re.findall(r'href="([^"]*day=2026-11-27)"', console.last.text)[0])
    assert 'value="2026-11-27"' in console.last.text
    console.opens(f"{HOME}/meetings?month=2026-10")
    assert "day=2026-10" not in console.last.text, "nobody plans in the past"
    console.opens(f"{HOME}/meetings/new?day=nonsense")


def test_a_closed_group_is_reopened_for_30_days_by_an_admin_of_the_network(
    app: Flask, service: Service, console: Console, group: Group, amina: Phone, otieno: Phone,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    joins(amina)
    console.opens(f"{HOME}/close")
    console.sends("Close group", name="Tumaini")
    looks_after_the_network(service, otieno)
    other = Console(app, service)
    other.signs_in(otieno, own=True)
    other.sees("Recently closed", "Tumaini", "can be reopened until Wed 23 Dec")
    other.sends("Reopen Tumaini")
    other.sees("Tumaini is open again, with its code and its members.")
    amina.dials()
    amina.picks("Groups")
    amina.sees("Tumaini")
    console.opens(f"{HOME}/close")
    console.sends("Close group", name="Tumaini")
    time_passes(days=31)
    other.signs_in(otieno)
    other.sees_not("Recently closed")
    with service.database.transaction() as session:
        assert not group_closing.reopen(session, session.get_one(Group, group.id), service.now(), "*384*77#")


def test_all_groups_stand_at_a_glance(
    app: Flask, service: Service, group: Group, admin: Phone, amina: Phone, meeting: Meeting, otieno: Phone
) -> None:
    joins(amina)
    looks_after_the_network(service, otieno)
    console = Console(app, service)
    console.signs_in(otieno)
    console.sees("Tumaini 4521", "fewer than 5", "Wed 25 Nov 14:00", "+254*****0002")
    with service.database.transaction() as session:
        session.query(RoleAssignment).update({"until": service.now() + timedelta(days=9)})
    console.opens("/console/")
    console.sees("your role ends Wed 2 Dec")
