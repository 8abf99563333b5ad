"""When an inbound text was written, if known, and whether it is one like STOP, which is processed first"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("dated_at", "written_at"):
        op.add_column("inbounds", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("inbounds", sa.Column("at_once", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for name in ("at_once", "written_at", "dated_at"):
        op.drop_column("inbounds", name)
