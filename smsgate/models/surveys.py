"""Groups' surveys, their published versions, and the answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, owned_by
from smsgate.models.groups import Group


class Survey(Base):
    """A group's survey. Admins work on its draft; members see the published version."""

    __tablename__ = "surveys"
    __table_args__ = (
        Index("uq_surveys_keyword", "keyword", unique=True),
        Index("uq_surveys_code", "code", unique=True),
        NEVER_REUSE,
    )
    group_id: Mapped[int] = owned_by("groups")
    name: Mapped[str] = mapped_column(String(40))
    draft: Mapped[str] = mapped_column(Text)  # JSON
    deleted_step: Mapped[str | None] = mapped_column(Text)  # JSON: the steps deleted last, and where they stood
    draft_number: Mapped[int] = mapped_column(default=1)  # counts saves, to warn two admins who edit at once
    version_id: Mapped[int | None]  # the published one; no foreign key, since versions refer to this row
    in_menu: Mapped[bool] = mapped_column(default=False)
    after_joining: Mapped[bool] = mapped_column(default=False)
    keyword: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(8))  # digits, to be dialled
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship()


class SurveyVersion(Base):
    """A published definition: never changed, so that people in the middle of it can finish it."""

    __tablename__ = "survey_versions"
    __table_args__ = (UniqueConstraint("survey_id", "number"), NEVER_REUSE)
    survey_id: Mapped[int] = owned_by("surveys")
    number: Mapped[int]
    definition: Mapped[str] = mapped_column(Text)  # JSON
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)

    survey: Mapped[Survey] = relationship()


class SurveyAnswer(Base):
    """One answer. For an anonymous survey no phone is stored, and only the day it was given."""

    __tablename__ = "survey_answers"
    version_id: Mapped[int] = owned_by("survey_versions")
    survey_id: Mapped[int] = owned_by("surveys")
    respondent: Mapped[str] = mapped_column(String(24), index=True)  # random; the same for answers given together
    phone_id: Mapped[int | None] = owned_by("phones", nullable=True)
    step: Mapped[str] = mapped_column(String(24))
    value: Mapped[str] = mapped_column(Sealed("survey_answer.value"))
    at: Mapped[datetime] = mapped_column(index=True)
