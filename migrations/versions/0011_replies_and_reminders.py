"""RSVPs and reminders: reminder times of groups and members, hours for texts, visible names, attendance"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Rows that the previous release still writes get its reminder times: a day before and two hours before.
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("groups", sa.Column("reminders", sa.String(length=40), server_default="1d 2h", nullable=False))
    op.add_column("memberships", sa.Column("reminders", sa.String(length=40), nullable=True))
    for table in ("groups", "memberships"):
        op.add_column(table, sa.Column("reminders_since", WHEN, nullable=True))
    op.add_column("memberships", sa.Column("shows_name", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in ("texts_from", "texts_until"):
        op.add_column("members", sa.Column(name, sa.Time(), nullable=True))
    op.add_column("meetings", sa.Column("look_at", WHEN, nullable=True))
    op.add_column("meetings", sa.Column("attended", sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in ("attended", "look_at"):
        op.drop_column("meetings", name)
    for name in ("texts_until", "texts_from"):
        op.drop_column("members", name)
    for name in ("shows_name", "reminders_since", "reminders"):
        op.drop_column("memberships", name)
    for name in ("reminders_since", "reminders"):
        op.drop_column("groups", name)
