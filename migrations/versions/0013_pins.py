"""PINs, which guard reading and changing on a shared phone"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pins",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.LargeBinary(), nullable=False),
        sa.Column("second", sa.LargeBinary(), nullable=True),
        sa.Column("fails", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wait_until", WHEN, nullable=True),
        sa.Column("off_at", WHEN, nullable=True),
        sa.Column("off_asked_at", WHEN, nullable=True),
        sa.Column("off_told_at", WHEN, nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("code_until", WHEN, nullable=True),
        sa.Column("code_fails", sa.Integer(), server_default="0", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_pins_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pins")),
        sa.UniqueConstraint("member_id", name=op.f("uq_pins_member_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_pins_off_at"), "pins", ["off_at"])


def downgrade() -> None:
    op.drop_table("pins")
