"""A group's custom texts in place of the service's own"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("groups", sa.Column("wording", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "rewordings",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_rewordings_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by"], ["phones.id"], name="fk_rewordings_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_rewordings"),
        sqlite_autoincrement=True,
    )
    for column in ("group_id", "by"):
        op.create_index(f"ix_rewordings_{column}", "rewordings", [column])


def downgrade() -> None:
    op.drop_table("rewordings")
    op.drop_column("groups", "wording")
