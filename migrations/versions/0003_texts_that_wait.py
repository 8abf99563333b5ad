"""Inbound texts and reports that wait to be processed; those stored by an earlier release count as processed"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbounds", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("phone_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("words", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("likeness", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("worked_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_foreign_key(
            batch_op.f("fk_inbounds_phone_id"), "phones", ["phone_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_inbounds_phone_id"), ["phone_id"])
        batch_op.create_index(batch_op.f("ix_inbounds_likeness"), ["likeness"])
        batch_op.create_index("ix_inbounds_waiting", ["worked_on_at", "due_at"])
    op.add_column("phones", sa.Column("told_blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stray_reports", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_stray_reports_looked_at", "stray_reports", ["looked_at"])


def downgrade() -> None:
    op.drop_index("ix_stray_reports_looked_at", "stray_reports")
    op.drop_column("stray_reports", "looked_at")
    op.drop_column("phones", "told_blocked_at")
    with op.batch_alter_table("inbounds", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index("ix_inbounds_waiting")
        batch_op.drop_index(batch_op.f("ix_inbounds_likeness"))
        batch_op.drop_index(batch_op.f("ix_inbounds_phone_id"))
        batch_op.drop_constraint(batch_op.f("fk_inbounds_phone_id"), type_="foreignkey")
        for column in ("tries", "worked_on_at", "due_at", "likeness", "words", "phone_id"):
            batch_op.drop_column(column)
