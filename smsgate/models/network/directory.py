"""The directory: what groups say about themselves, who would like to start a group, and leaders open to others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, owned_by


class OpenTo(Base):
    """An entry in the network's list of people whom a group may say it is for, such as women."""

    __tablename__ = "open_to"
    words: Mapped[dict[str, str]] = mapped_column(JSON)  # by language; English at least
    position: Mapped[int]


class Listing(Base):
    """What a group tells people who look for one, besides its name; shown only while the group is `listed`."""

    __tablename__ = "listings"
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), unique=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="SET NULL"), index=True)
    by_phone: Mapped[bool] = mapped_column(default=False, server_default=false())  # meets by phone, wherever people are
    meets: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # when, in words, by language
    shows_next: Mapped[bool] = mapped_column(default=True, server_default=true())  # the date of the next meeting
    shows_place: Mapped[bool] = mapped_column(default=False, server_default=false())  # and where it is
    on_web: Mapped[bool] = mapped_column(default=False, server_default=false())  # on the public page too


class ListingOpenTo(Base):
    """One kind of people whom a listed group is for."""

    __tablename__ = "listing_open_to"
    __table_args__ = (UniqueConstraint("listing_id", "open_to_id"), NEVER_REUSE)
    listing_id: Mapped[int] = owned_by("listings")
    open_to_id: Mapped[int] = owned_by("open_to")


class ListingLanguage(Base):
    """One language spoken in a listed group."""

    __tablename__ = "listing_languages"
    __table_args__ = (UniqueConstraint("listing_id", "language_id"), NEVER_REUSE)
    listing_id: Mapped[int] = owned_by("listings")
    language_id: Mapped[int] = owned_by("spoken_languages")


class PublicDirectory(Base):
    """One row while the network shows its directory on a public page, none otherwise."""

    __tablename__ = "public_directory"
    since: Mapped[datetime]


class StartRequest(Base):
    """A wish to start a group; read by the network's admins and answered through the service."""

    __tablename__ = "start_requests"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    place: Mapped[str] = mapped_column(Sealed("start_request.place"))  # in their words; "" for no answer
    idea: Mapped[str] = mapped_column(Sealed("start_request.idea"))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]  # when it was last answered


class LeaderNotice(Base):
    """A notice from the network to all leaders."""

    __tablename__ = "leader_notices"
    words: Mapped[str] = mapped_column(Sealed("leader_notice.words"))  # for leaders without a translation
    translations: Mapped[str | None] = mapped_column(Sealed("leader_notice.words"))  # JSON, by language
    by: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    people: Mapped[int]  # how many leaders it was queued for


class OpenLeader(Base):
    """A leader whom leaders of other groups may find by chosen name and write to; ends with their role."""

    __tablename__ = "open_leaders"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), unique=True)
    since: Mapped[datetime]
