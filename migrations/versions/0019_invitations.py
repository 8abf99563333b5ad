"""Invitations to a group by its leaders, and whether they name the group"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("groups", sa.Column("invites_by_name", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "invitations",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        *(sa.Column(f"{what}_at", WHEN, nullable=True) for what in ("listed", "looked", "texted", "accepted", "left")),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_invitations_group_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("group_id", "tag", name="uq_invitations_group_id"),
        sqlite_autoincrement=True,
    )
    for column in ("group_id", "tag"):
        op.create_index(f"ix_invitations_{column}", "invitations", [column])
    waits = sa.text("looked_at IS NULL")
    op.create_index("ix_invitations_waiting", "invitations", ["group_id"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_table("invitations")
    op.drop_column("groups", "invites_by_name")
