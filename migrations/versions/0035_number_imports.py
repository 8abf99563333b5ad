"""Files of numbers that are read, and their numbers invited, in the background"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
suits = "0026"


def upgrade() -> None:
    op.create_table(
        "number_imports",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("found", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("columns", sa.String(400), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("all_rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_number_imports_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_number_imports_group_id"), "number_imports", ["group_id"])


def downgrade() -> None:
    op.drop_table("number_imports")
