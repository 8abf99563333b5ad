"""Silent phones, and numbers that may have been reassigned"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = ("silent_at", "heard_at", "doubted_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("phones", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("phones", name)
