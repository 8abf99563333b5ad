"""Calls to gateways, noted before they are made"""

import sqlalchemy as sa
from alembic import op

from smsgate.core.database import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_calls")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("gateway_calls")
