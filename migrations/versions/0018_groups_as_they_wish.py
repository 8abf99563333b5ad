"""Group settings: languages, joining by a leader's approval, a welcome text; the defaults change nothing"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("languages", sa.String(length=40), server_default="", nullable=False))
    op.add_column("groups", sa.Column("by_approval", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("groups", sa.Column("welcome", sa.JSON(), nullable=True))
    op.create_table(
        "join_requests",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{owner}_id"], [f"{owner}s.id"], name=op.f(f"fk_join_requests_{owner}_id"), ondelete="CASCADE"
            )
            for owner in ("member", "group")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
        sa.UniqueConstraint("member_id", "group_id", name=op.f("uq_join_requests_member_id")),
        sqlite_autoincrement=True,
    )
    for column in ("member_id", "group_id", "asked_at"):
        op.create_index(op.f(f"ix_join_requests_{column}"), "join_requests", [column])


def downgrade() -> None:
    op.drop_table("join_requests")
    for name in ("welcome", "by_approval", "languages"):
        op.drop_column("groups", name)
