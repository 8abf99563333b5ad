"""How much of each limit is used up, under keyed tags of numbers, which outlive an erasure"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
suits = "0026"

TAGS = ("target", "block", "group_id")


def upgrade() -> None:
    op.create_table(
        "limit_uses",
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("causer", sa.String(32), nullable=True),
        sa.Column("target", sa.String(32), nullable=True),
        sa.Column("block", sa.String(32), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_uses")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_limit_uses_causer", "limit_uses", ["causer", "at"])
    for name in TAGS:
        _partial(f"ix_limit_uses_{name}", name, "at", where=f"{name} IS NOT NULL")
    _partial("ix_limit_uses_widely", "at", "amount", where="block IS NOT NULL")
    op.create_index(op.f("ix_limit_uses_at"), "limit_uses", ["at"])


def _partial(name: str, *columns: str, where: str) -> None:
    op.create_index(name, "limit_uses", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_table("limit_uses")
