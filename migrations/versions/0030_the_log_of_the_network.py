"""The network's log, and wrong authenticator app codes"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
suits = "0026"


def upgrade() -> None:
    op.create_table(
        "network_entries",
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *[
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_network_entries_{column}"), ondelete="SET NULL"
            )
            for column, table in (("phone_id", "phones"), ("subject_id", "phones"), ("group_id", "groups"))
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_entries")),
        sqlite_autoincrement=True,
    )
    for column in ("phone_id", "subject_id", "group_id", "at"):
        op.create_index(op.f(f"ix_network_entries_{column}"), "network_entries", [column])
    op.create_table(
        "wrong_codes",
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_codes")),
        sa.UniqueConstraint("tag", name=op.f("uq_wrong_codes_tag")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wrong_codes_at"), "wrong_codes", ["at"])


def downgrade() -> None:
    op.drop_table("wrong_codes")
    op.drop_table("network_entries")
