"""Roles in a group, the codes that offer them, and the audit log of what leaders did"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("until", WHEN, nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("asked_at", WHEN, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_appointments_group_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_appointments_phone_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("group_id", "phone_id", name=op.f("uq_appointments_group_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_appointments_group_id"), "appointments", ["group_id"])
    op.create_index(op.f("ix_appointments_phone_id"), "appointments", ["phone_id"])
    op.create_table(
        "role_codes",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("handed_over_by", sa.Integer(), nullable=True),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_role_codes_group_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["handed_over_by"], ["appointments.id"], name=op.f("fk_role_codes_handed_over_by"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["appointments.id"], name=op.f("fk_role_codes_given_by"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_role_codes_code")),
        sqlite_autoincrement=True,
    )
    for column in ("group_id", "handed_over_by", "given_by"):
        op.create_index(op.f(f"ix_role_codes_{column}"), "role_codes", [column])
    op.create_table(
        "entries",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_entries_group_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=op.f("fk_entries_phone_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_entries_group_id"), "entries", ["group_id"])
    op.create_index(op.f("ix_entries_phone_id"), "entries", ["phone_id"])


def downgrade() -> None:
    op.drop_table("entries")
    op.drop_table("role_codes")
    op.drop_table("appointments")
