"""A keyed tag of the number that a delivery report is about, and an index of texts in doubt"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
suits = "0026"


def upgrade() -> None:
    op.add_column("stray_reports", sa.Column("number_tag", sa.String(32), nullable=True))
    op.create_index(op.f("ix_stray_reports_number_tag"), "stray_reports", ["number_tag"])
    where = sa.text("state = 'unknown' AND repeats = 1")
    op.create_index("ix_messages_in_doubt", "messages", ["due_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_messages_in_doubt", "messages")
    op.drop_index(op.f("ix_stray_reports_number_tag"), "stray_reports")
    op.drop_column("stray_reports", "number_tag")
