"""Whether a help text was read by someone since removed from the list; an index of texts not delivered yet"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
suits = "0026"

ABSENT = sa.text("state = 'sent' AND report = 'AbsentSubscriber'")


def upgrade() -> None:
    op.add_column("help_requests", sa.Column("read_by_others", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_messages_absent", "messages", ["expires_at"], sqlite_where=ABSENT, postgresql_where=ABSENT)


def downgrade() -> None:
    op.drop_index("ix_messages_absent", table_name="messages")
    op.drop_column("help_requests", "read_by_others")
