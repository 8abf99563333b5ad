"""How far a notice is queued: large ones in parts; those of an earlier release count as queued in full"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("queued_to", sa.Integer(), nullable=True))
    op.create_index("ix_notices_queued_to", "notices", ["queued_to"])


def downgrade() -> None:
    op.drop_index("ix_notices_queued_to", "notices")
    op.drop_column("notices", "queued_to")
