"""Recovery codes, hidden first steps, notices as templates, the last deleted step of a survey"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
suits = "0026"


def upgrade() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["phone_id"], ["phones.id"], name=op.f("fk_recovery_codes_phone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("phone_id", "code", name=op.f("uq_recovery_codes_phone_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recovery_codes_phone_id"), "recovery_codes", ["phone_id"])
    op.add_column("groups", sa.Column("steps_hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("is_template", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("appointments", sa.Column("name", sa.LargeBinary(), nullable=True))
    op.add_column("surveys", sa.Column("deleted_step", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("surveys", "deleted_step")
    op.drop_column("appointments", "name")
    op.drop_column("notices", "is_template")
    op.drop_column("groups", "steps_hidden_at")
    op.drop_table("recovery_codes")
