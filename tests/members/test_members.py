"""Settings, leaving, and seeing what is stored: each takes one step, works at once and needs no reason."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from smsgate.core import i18n
from smsgate.models import Consent, Group, Member, Membership
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, joins, plans


def test_nothing_is_kept_of_somebody_who_does_not_join(amina: Phone, service: Service) -> None:
    amina.dials(None, "1", "2")
    amina.sees("Nothing was stored")
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow)).all() == []


def test_the_language_is_the_members(amina: Phone, group: Group) -> None:
    amina.dials("*384*77*4521#", "2", "1", "1", "1")
    amina.sees("Tumaini")
    amina.dials()
    amina.sees("Mikutano")
    amina.picks("Mipangilio", "Lugha", "Francais")
    amina.sees("Désormais")
    amina.dials()
    amina.sees("Réunions")


def test_a_name_is_optional_and_can_be_changed_and_removed(amina: Phone, group: Group, service: Service) -> None:
    joins(amina, "1")
    with service.database.reading() as session:
        assert session.scalars(select(Member.name)).one() is None
    amina.dials(None, "6", "2", "Ami")
    amina.dials(None, "7", "2")
    amina.sees("Name: Ami")
    amina.dials(None, "6", "2", "1")
    amina.dials(None, "7", "2")
    amina.sees_not("Name")


def test_more_than_one_group(amina: Phone, group: Group, service: Service) -> None:
    from smsgate.groups import groups

    with service.database.transaction() as session:
        groups.create(session, "Second", "Africa/Nairobi", service.now(), code="777", listed=True)
        groups.create(session, "Hidden", "Africa/Nairobi", service.now(), code="888")
    joins(amina)
    amina.dials(None, "5", "2", "2")
    amina.sees("1 Second")
    amina.sees_not("Tumaini", "Hidden")
    amina.types("1", "1")
    amina.dials("*384*77*888#", "1")
    amina.dials(None, "5")
    amina.sees("Hidden", "Second", "Tumaini")


def test_joining_twice_is_joining_once(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.dials("*384*77*4521#")
    amina.sees("1 Send my help text", "8 Tumaini")
    amina.types("8")
    amina.sees("2 Leave this group")
    with service.database.reading() as session:
        assert len(session.scalars(select(Membership)).all()) == 1
        assert len(session.scalars(select(Consent)).all()) == 2  # the service, the group


def test_a_closed_group_can_no_longer_be_joined(amina: Phone, group: Group, service: Service) -> None:
    amina.dials("*384*77*4521#", "1", "1", "1")
    with service.database.transaction() as session:
        session.get_one(Group, group.id).closed_at = service.now()
    amina.types("1")
    amina.sees("This group is closed")
    amina.dials("*384*77*4521#")
    amina.sees("There is no group with code 4521")


def test_leaving_everything_is_two_keys(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("Leave everything", "Yes, leave everything")
    amina.sees("You have left")
    with service.database.reading() as session:
        assert session.scalars(select(Member)).all() == []
    amina.dials()
    amina.sees("1 Join")


def test_who_leaves_everything_gets_no_more_texts_not_even_as_somebodys_responder(
    amina: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "Time to cancel it", "120 seconds")
    amina.dials(None, "1", "2")
    juma.dials(None, "6")
    juma.picks("Leave everything", "Yes, leave everything")
    juma.sees("You'll get no more texts")
    amina.hears("Juma gets no more texts from you")
    time_passes(minutes=3)
    juma.hears_nothing_new()
    amina.dials(None, "4")
    amina.sees("Juma: stopped")


def test_reminders_go_off_for_all_groups_and_on_again(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("Reminders", "None, for all groups")
    amina.sees("No reminders will be sent")
    amina.dials(None, "6")
    amina.sees("Reminders: off")
    amina.picks("Reminders: off", "On")
    amina.sees("Saved.")
    amina.dials(None, "6")
    amina.sees_not("Reminders: off")


def test_the_switches_say_how_they_stand(amina: Phone, group: Group) -> None:
    joins(amina)
    for label in ("Private texts", "Pause"):
        amina.dials(None, "6")
        on = f"{label}: on" in amina.handset.screen
        amina.picks(label, "Off" if on else "On")
        amina.sees("Saved.")
        amina.dials(None, "6")
        amina.sees(f"{label}: {'off' if on else 'on'}")


def test_somebody_who_left_meanwhile_is_met_kindly(amina: Phone, group: Group) -> None:
    """They were erased by text while a call was open."""
    joins(amina)
    amina.dials(None, "6", "5")
    amina.texts("erase")
    amina.texts("2")
    amina.types("1")
    amina.sees("Welcome")


def test_every_language_greets_in_itself() -> None:
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            assert i18n.language_now() == language
    assert i18n.language_now() == "en"
