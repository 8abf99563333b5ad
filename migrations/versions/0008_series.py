"""Meeting series, their leaders, and the calendar of a group"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OF_MEETINGS = ("topic", "minutes", "changes", "changed_at", "series_id", "series_day", "planned_at", "leader_id")


def upgrade() -> None:
    _tables()
    for column in (
        sa.Column("topic", sa.String(length=60), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("series_day", sa.Date(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
    ):
        op.add_column("meetings", column)
    # Inline: otherwise SQLite would rebuild the table, and dropping the old one would delete every reply.
    refers = sa.ForeignKey("series.id", name="fk_meetings_series_id")
    op.add_column("meetings", sa.Column("series_id", sa.Integer(), refers, nullable=True), inline_references=True)
    op.create_index("ix_meetings_series_day", "meetings", ["series_id", "series_day"], unique=True)
    op.add_column("groups", sa.Column("calendar_named", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("groups", sa.Column("calendar_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("groups", sa.Column("calendar_token", sa.String(length=48), nullable=True))
    op.create_index("uq_groups_calendar_token", "groups", ["calendar_token"], unique=True)


def _tables() -> None:
    op.create_table(
        "series",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=60), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_series_group_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_series_group_id", "series", ["group_id"])
    op.create_index("ix_series_look_at", "series", ["look_at"])
    op.create_table(
        "series_leaders",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_leaders_series_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_series_leaders_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_leaders")),
        sa.UniqueConstraint("series_id", "member_id", name=op.f("uq_series_leaders_series_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_series_leaders_series_id", "series_leaders", ["series_id"])
    op.create_index("ix_series_leaders_member_id", "series_leaders", ["member_id"])


def downgrade() -> None:
    op.drop_index("uq_groups_calendar_token", "groups")
    for column in ("calendar_token", "calendar_at", "calendar_named"):
        op.drop_column("groups", column)
    op.drop_index("ix_meetings_series_day", "meetings")
    for column in OF_MEETINGS:
        op.drop_column("meetings", column)
    op.drop_table("series_leaders")
    op.drop_table("series")
