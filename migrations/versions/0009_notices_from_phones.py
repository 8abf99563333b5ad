"""Notices from phones: status, time, audience, languages, the second approver, and replies"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
IDS = ("meeting_id", "author_id", "agreed_by")  # no foreign keys: SQLite would rebuild the table and lose its messages


def upgrade() -> None:
    # Notices sent by an earlier release count as going out, in full, to everybody.
    op.add_column("notices", sa.Column("stage", sa.String(length=24), server_default="going", nullable=False))
    op.add_column("notices", sa.Column("audience", sa.String(length=24), server_default="everybody", nullable=False))
    for name in ("due_at", "warned_at", "asked_at"):
        op.add_column("notices", sa.Column(name, WHEN, nullable=True))
    for name in ("language", "code", "agree_code"):
        op.add_column("notices", sa.Column(name, sa.String(length=8), nullable=True))
    for name in IDS:
        op.add_column("notices", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("stage", "author_id"):
        op.create_index(f"ix_notices_{name}", "notices", [name])
    op.add_column("groups", sa.Column("replies_allowed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("groups", sa.Column("replies_days", sa.Integer(), server_default="14", nullable=False))
    _versions()
    _replies()


def _versions() -> None:
    op.create_table(
        "notice_versions",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_versions_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_versions")),
        sa.UniqueConstraint("notice_id", "language", name=op.f("uq_notice_versions_notice_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_versions_notice_id"), "notice_versions", ["notice_id"])


def _replies() -> None:
    op.create_table(
        "notice_replies",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("read_at", WHEN, nullable=True),
        sa.Column("answered_at", WHEN, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_replies_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["phone_id"], ["phones.id"], name=op.f("fk_notice_replies_phone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_replies")),
        sqlite_autoincrement=True,
    )
    for name in ("notice_id", "phone_id", "at"):
        op.create_index(op.f(f"ix_notice_replies_{name}"), "notice_replies", [name])


def downgrade() -> None:
    op.drop_table("notice_replies")
    op.drop_table("notice_versions")
    op.drop_column("groups", "replies_days")
    op.drop_column("groups", "replies_allowed")
    for name in ("stage", "author_id"):
        op.drop_index(f"ix_notices_{name}", "notices")
    for name in (*IDS, "language", "code", "agree_code", "due_at", "warned_at", "asked_at", "audience", "stage"):
        op.drop_column("notices", name)
