"""Help requests: three help texts, an order of responders, escalation when nobody answers, the do-not-contact list"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("help_texts", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("prepared", sa.String(length=12), nullable=True))
        table.drop_constraint("uq_help_texts_member_id", type_="unique")
        table.create_index("ix_help_texts_member_id", ["member_id"])
    # No foreign keys: SQLite would rebuild the tables and lose the rows that refer to them.
    responders: tuple[sa.Column[Any], ...] = (
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("help_text_id", sa.Integer(), nullable=True),
        sa.Column("backup", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("muted_until", WHEN, nullable=True),
        sa.Column("reminded_at", WHEN, nullable=True),
    )
    requests: tuple[sa.Column[Any], ...] = (
        sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("leaves_at", WHEN, nullable=True),
        sa.Column("help_text_id", sa.Integer(), nullable=True),
        sa.Column("then", sa.String(length=40), server_default="", nullable=False),
        sa.Column("wait_minutes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", WHEN, nullable=True),
    )
    asks: tuple[sa.Column[Any], ...] = (
        sa.Column("key", sa.Integer(), server_default="1", nullable=False),
        sa.Column("declined_at", WHEN, nullable=True),
        sa.Column("again_id", sa.Integer(), nullable=True),
    )
    for name, columns in (("responders", responders), ("help_requests", requests), ("help_asks", asks)):
        for column in columns:
            op.add_column(name, column)
    op.create_index("ix_help_requests_next_at", "help_requests", ["next_at"])
    op.create_index("ix_help_asks_again_id", "help_asks", ["again_id"])
    op.add_column("appointments", sa.Column("takes_help", sa.Boolean(), server_default=sa.false(), nullable=False))
    _plans()
    _never()


def _plans() -> None:
    op.create_table(
        "help_plans",
        sa.Column("member_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in ("helps", "hinders", "avoid", "word")),
        sa.Column("pause_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("then", sa.String(length=40), server_default="", nullable=False),
        sa.Column("wait_minutes", sa.Integer(), server_default="15", nullable=False),
        sa.Column("rings", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("look_again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("looked_at", WHEN, nullable=True),
        sa.Column("asked_at", WHEN, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_help_plans_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_plans")),
        sa.UniqueConstraint("member_id", name=op.f("uq_help_plans_member_id")),
        sqlite_autoincrement=True,
    )


def _never() -> None:
    op.create_table(
        "never_contacts",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_never_contacts_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_never_contacts")),
        sa.UniqueConstraint("member_id", "number", name=op.f("uq_never_contacts_member_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_never_contacts_member_id"), "never_contacts", ["member_id"])


def downgrade() -> None:
    op.drop_table("never_contacts")
    op.drop_table("help_plans")
    op.drop_column("appointments", "takes_help")
    op.drop_index("ix_help_asks_again_id", "help_asks")
    for name in ("again_id", "declined_at", "key"):
        op.drop_column("help_asks", name)
    op.drop_index("ix_help_requests_next_at", "help_requests")
    for name in ("next_at", "wait_minutes", "then", "help_text_id", "leaves_at", "practice"):
        op.drop_column("help_requests", name)
    for name in ("reminded_at", "muted_until", "backup", "help_text_id", "position"):
        op.drop_column("responders", name)
    # The previous release knows one help text per member: keep the first.
    op.execute("DELETE FROM help_texts WHERE id NOT IN (SELECT min(id) FROM help_texts GROUP BY member_id)")
    with op.batch_alter_table("help_texts", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_index("ix_help_texts_member_id")
        table.drop_column("prepared")
        table.create_unique_constraint("uq_help_texts_member_id", ["member_id"])
