"""One-to-one support: programmes, people who ask, supporters, matches and counts"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
suits = "0026"

OPEN = "state = 'proposed' OR state = 'walking'"
TABLES = (
    "programmes",
    "card_batches",
    "programme_offers",
    "coordinators",
    "supporters",
    "seekers",
    "matches",
    "match_meetings",
    "check_ins",
    "carried_texts",
    "match_counts",
)


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _partial(name: str, table: str, column: str, where: str, *, unique: bool) -> None:
    op.create_index(name, table, [column], unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "programmes",
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("interests", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("weeks_between", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("minutes", sa.Integer(), nullable=False, server_default="60"),
        sa.Column("months", sa.Integer(), nullable=False, server_default="12"),
        sa.Column("code_days", sa.Integer(), nullable=False, server_default="30"),
        sa.Column("shares_numbers", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("room_each", sa.Integer(), nullable=False, server_default="4"),
        sa.Column("waiting_most", sa.Integer(), nullable=False, server_default="200"),
        sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("programmes", "group_id", "groups"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programmes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_programmes_group_id"), "programmes", ["group_id"])
    op.create_table(
        "card_batches",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("cards", sa.Integer(), nullable=False),
        sa.Column("handed_out_on", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("card_batches", "programme_id", "programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_batches")),
        sa.UniqueConstraint("code", name=op.f("uq_card_batches_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_card_batches_programme_id"), "card_batches", ["programme_id"])
    op.create_table(
        "programme_offers",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("programme_offers", "programme_id", "programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_offers")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_offers_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_programme_offers_programme_id"), "programme_offers", ["programme_id"])
    op.create_table(
        "coordinators",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("coordinators", "programme_id", "programmes"),
        _key("coordinators", "phone_id", "phones"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordinators")),
        sa.UniqueConstraint("programme_id", "phone_id", name=op.f("uq_coordinators_programme_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_coordinators_phone_id"), "coordinators", ["phone_id"])
    op.create_index(op.f("ix_coordinators_programme_id"), "coordinators", ["programme_id"])
    op.create_table(
        "supporters",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.String(40), nullable=False, server_default="1d"),
        sa.Column("rests_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("supporters", "programme_id", "programmes"),
        _key("supporters", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporters")),
        sa.UniqueConstraint("programme_id", "member_id", name=op.f("uq_supporters_programme_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_supporters_member_id"), "supporters", ["member_id"])
    op.create_index(op.f("ix_supporters_programme_id"), "supporters", ["programme_id"])
    op.create_table(
        "seekers",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_front", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reminders", sa.String(40), nullable=False, server_default="1d"),
        sa.Column("checked", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("seekers", "member_id", "members"),
        _key("seekers", "programme_id", "programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seekers")),
        sa.UniqueConstraint("member_id", name=op.f("uq_seekers_member_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_seekers_member_id"), "seekers", ["member_id"])
    op.create_index(op.f("ix_seekers_programme_id"), "seekers", ["programme_id"])
    op.create_table(
        "matches",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_agreed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("supporter_agreed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("person_shares", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("supporter_shares", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_may_say", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("supporter_may_say", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(24), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("matches", "supporter_id", "supporters"),
        _key("matches", "member_id", "members"),
        _key("matches", "programme_id", "programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matches_ended_at"), "matches", ["ended_at"])
    op.create_index(op.f("ix_matches_member_id"), "matches", ["member_id"])
    op.create_index(op.f("ix_matches_programme_id"), "matches", ["programme_id"])
    op.create_index(op.f("ix_matches_supporter_id"), "matches", ["supporter_id"])
    op.create_table(
        "match_meetings",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("by_supporter", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("person_reminded", sa.String(40), nullable=False, server_default=""),
        sa.Column("supporter_reminded", sa.String(40), nullable=False, server_default=""),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("match_meetings", "match_id", "matches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_meetings")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_match_meetings_match_id"), "match_meetings", ["match_id"])
    op.create_index(op.f("ix_match_meetings_starts_at"), "match_meetings", ["starts_at"])
    op.create_table(
        "check_ins",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("by_supporter", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(24), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("check_ins", "match_id", "matches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_check_ins_due_at"), "check_ins", ["due_at"])
    op.create_index(op.f("ix_check_ins_match_id"), "check_ins", ["match_id"])
    op.create_table(
        "carried_texts",
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("by_supporter", sa.Boolean(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("carried_texts", "match_id", "matches"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_texts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_carried_texts_at"), "carried_texts", ["at"])
    op.create_index(op.f("ix_carried_texts_match_id"), "carried_texts", ["match_id"])
    op.create_table(
        "match_counts",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("match_counts", "programme_id", "programmes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_counts")),
        sa.UniqueConstraint("programme_id", "month", "what", name=op.f("uq_match_counts_programme_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_match_counts_programme_id"), "match_counts", ["programme_id"])
    _partial("uq_matches_open", "matches", "member_id", OPEN, unique=True)
    op.add_column("messages", sa.Column("match_id", sa.Integer(), nullable=True))
    _partial("ix_messages_match_id", "messages", "match_id", "match_id IS NOT NULL", unique=False)


def downgrade() -> None:
    op.drop_index("ix_messages_match_id", "messages")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("match_id")
    for table in reversed(TABLES):
        op.drop_table(table)
