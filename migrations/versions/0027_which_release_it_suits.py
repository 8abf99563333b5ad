"""The database says which earlier release it still suits"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
suits = "0026"  # the oldest release, by its newest migration, that works with the database from here on


def upgrade() -> None:
    op.create_table(
        "schema_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=8), nullable=False),
        sa.Column("suits", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_versions")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("schema_versions")
