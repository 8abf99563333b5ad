"""The oldest release that the database suits; and whose conversation performed an action, to erase it with them"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
suits = "0026"  # the oldest release that works with the database from here on, named by its newest migration


def upgrade() -> None:
    op.create_table(
        "schema_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=8), nullable=False),
        sa.Column("suits", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_versions")),
        sqlite_autoincrement=True,
    )
    op.add_column("deeds", sa.Column("owner", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_deeds_owner"), "deeds", ["owner"])


def downgrade() -> None:
    op.drop_index(op.f("ix_deeds_owner"), "deeds")
    op.drop_column("deeds", "owner")
    op.drop_table("schema_versions")
