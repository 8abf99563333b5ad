"""The role for which someone gets a text, translations of notices to all leaders, and who wants which texts"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
suits = "0026"


def upgrade() -> None:
    op.add_column("messages", sa.Column("role_id", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("admin_id", sa.Integer(), nullable=True))
    op.add_column("messages", sa.Column("from_role_id", sa.Integer(), nullable=True))
    op.add_column("leader_notices", sa.Column("translations", sa.LargeBinary(), nullable=True))
    for table in ("seekers", "supporters"):
        op.add_column(table, sa.Column("may_say", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("network_admins", sa.Column("is_texted", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("network_admins", "is_texted")
    for table in ("supporters", "seekers"):
        op.drop_column(table, "may_say")
    op.drop_column("leader_notices", "translations")
    op.drop_column("messages", "from_role_id")
    op.drop_column("messages", "admin_id")
    op.drop_column("messages", "role_id")
