"""Looks up phones, members and memberships, as every part of the service does first; adds to the consent ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from smsgate.core.database import among, insert_new, lock_text
from smsgate.core.encryption import SealedForm, keys_of
from smsgate.models.groups import Member, Membership
from smsgate.models.phones import Consent, ConsentSubject, Phone

# Built once: every turn runs these, and building a statement costs more than running it.
WITH_NUMBER = Phone.number.in_(bindparam("forms", expanding=True))
_PHONE = select(Phone).where(WITH_NUMBER)
_MEMBER = select(Member).join(Phone, Phone.id == Member.phone_id).where(WITH_NUMBER)


def find_phone(session: Session, number: str) -> Phone | None:
    """Return the row of an E.164 number, whichever key sealed it; None if there is none."""
    return session.scalars(_PHONE, {"forms": forms_of(session, number)}).first()


def forms_of(session: Session, words: str, purpose: str = "phone.number") -> list[SealedForm]:
    """Return the sealed forms that an E.164 number, or another value of `purpose`, may have in the database."""
    return [SealedForm(form) for form in keys_of(session.get_bind().dialect).forms(words, purpose)]


def ensure_phone(session: Session, number: str, now: datetime) -> Phone:
    """Return the row of an E.164 number, creating it if necessary."""
    phone = find_phone(session, number)
    if phone is None and keys_of(session.get_bind().dialect).has_several:
        lock_text(session, f"phone {number}")  # sealed with two keys, it would pass the unique constraint
        phone = find_phone(session, number)
    if phone is None:
        session.execute(insert_new(session, Phone).values(number=number, created_at=now))
        phone = find_phone(session, number)
        if phone is None:  # pragma: no cover - inserted above, by us or by another process
            raise LookupError("a phone that was just inserted")
    return phone


def owner_tag(session: Session, number: str) -> str:
    """Return the keyed tag that marks what an E.164 number's conversations did, so that it can be found and erased."""
    return keys_of(session.get_bind().dialect).tag(f"owner {number}")


def find_member(session: Session, phone_id: int | None) -> Member | None:
    """Return the member with this phone, or None."""
    return session.scalars(select(Member).where(Member.phone_id == phone_id)).first() if phone_id else None


def members_by_phone(session: Session, phone_ids: Collection[int]) -> dict[int, Member]:
    """Return the members with these phones, by phone id."""
    rows = select(Member).where(among(session, Member.phone_id, phone_ids)).options(joinedload(Member.phone))
    return {member.phone_id: member for member in session.scalars(rows)} if phone_ids else {}


def find_member_by_number(session: Session, number: str) -> Member | None:
    """Return the member with this E.164 number, or None."""
    return session.scalars(_MEMBER, {"forms": forms_of(session, number)}).first()


def find_membership(session: Session, member_id: int, group_id: int) -> Membership | None:
    """Return the member's membership in the group, open or closed; None if they are not in it."""
    rows = select(Membership).where(Membership.member_id == member_id, Membership.group_id == group_id)
    return session.scalars(rows).first()


def note_consent(
    session: Session, phone_id: int, what: ConsentSubject, given: bool, now: datetime, about_id: int | None = None
) -> None:
    """Append an entry to the consent ledger."""
    session.add(Consent(phone_id=phone_id, what=what, given=given, about_id=about_id, at=now))
