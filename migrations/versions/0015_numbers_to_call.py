"""Crisis lines by country, with their names; none are inserted, since an unverified number must not be shown"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lines",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("hours", sa.String(length=24), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines")),
        sa.UniqueConstraint("country", "number", name=op.f("uq_lines_country")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "line_names",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_line_names_line_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_names")),
        sa.UniqueConstraint("line_id", "language", name=op.f("uq_line_names_line_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_line_names_line_id"), "line_names", ["line_id"])


def downgrade() -> None:
    op.drop_table("line_names")
    op.drop_table("lines")
