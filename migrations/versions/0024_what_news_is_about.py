"""What news is about, so that later news replaces it; a text's survey; a group's former code; members to welcome"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MESSAGES = ("survey_id", sa.Integer()), ("about", sa.JSON()), ("superseded_at", sa.DateTime(timezone=True))


def upgrade() -> None:
    for name, type_ in MESSAGES:
        op.add_column("messages", sa.Column(name, type_, nullable=True))
    op.add_column("groups", sa.Column("former_code", sa.String(length=8), nullable=True))
    op.create_index("ix_groups_former_code", "groups", ["former_code"])
    welcomed: sa.Column[bool] = sa.Column("welcomed", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("memberships", welcomed)


def downgrade() -> None:
    op.drop_column("memberships", "welcomed")
    op.drop_index("ix_groups_former_code", "groups")
    op.drop_column("groups", "former_code")
    for name, _type in MESSAGES:
        op.drop_column("messages", name)
