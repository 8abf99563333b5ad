"""Surveys that groups write themselves: drafts, published versions, answers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _owner(table: str, column: str, of: str, ondelete: str = "CASCADE") -> SchemaItem:
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _made(table: str, *columns: SchemaItem) -> None:
    key = sa.PrimaryKeyConstraint("id", name=f"pk_{table}")
    op.create_table(table, *columns, sa.Column("id", sa.Integer(), nullable=False), key, sqlite_autoincrement=True)


def upgrade() -> None:
    _made(
        "surveys",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("draft_number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("in_menu", sa.Boolean(), nullable=False),
        sa.Column("after_joining", sa.Boolean(), nullable=False),
        sa.Column("keyword", sa.String(length=20), nullable=True),
        sa.Column("code", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        _owner("surveys", "group_id", "groups"),
    )
    op.create_index("ix_surveys_group_id", "surveys", ["group_id"])
    op.create_index("uq_surveys_keyword", "surveys", ["keyword"], unique=True)
    op.create_index("uq_surveys_code", "surveys", ["code"], unique=True)
    _made(
        "survey_versions",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        _owner("survey_versions", "survey_id", "surveys"),
        _owner("survey_versions", "published_by", "phones", "SET NULL"),
        sa.UniqueConstraint("survey_id", "number", name="uq_survey_versions_survey_id"),
    )
    op.create_index("ix_survey_versions_survey_id", "survey_versions", ["survey_id"])
    op.create_index("ix_survey_versions_published_by", "survey_versions", ["published_by"])
    _made(
        "survey_answers",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _owner("survey_answers", "version_id", "survey_versions"),
        _owner("survey_answers", "survey_id", "surveys"),
        _owner("survey_answers", "phone_id", "phones"),
    )
    for column in ("version_id", "survey_id", "phone_id", "respondent", "at"):
        op.create_index(f"ix_survey_answers_{column}", "survey_answers", [column])


def downgrade() -> None:
    for table in ("survey_answers", "survey_versions", "surveys"):
        op.drop_table(table)
