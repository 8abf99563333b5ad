"""Replies and reminders: when each group and member has them, hours for texts, names that may be seen, attendance"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What an earlier release writes meanwhile stands as it had it: a day and two hours before, looked at by the clock.
ADDED = {
    "groups": (sa.Column("reminders", sa.String(length=40), server_default="1d 2h", nullable=False),),
    "memberships": (
        sa.Column("reminders", sa.String(length=40), nullable=True),
        sa.Column("shows_name", sa.Boolean(), server_default=sa.false(), nullable=False),
    ),
    "members": (
        sa.Column("texts_from", sa.Time(), nullable=True),
        sa.Column("texts_until", sa.Time(), nullable=True),
    ),
    "meetings": (
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended", sa.Integer(), nullable=True),
    ),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column.copy())


def downgrade() -> None:
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column.name)
