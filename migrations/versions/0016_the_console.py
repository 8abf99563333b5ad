"""The console: network admins, sign-in codes, sessions, authenticator apps"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _of_a_phone(table: str, *columns: SchemaItem, one: bool = False) -> None:
    key = sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name=f"fk_{table}_phone_id", ondelete="CASCADE")
    op.create_table(
        table,
        sa.Column("phone_id", sa.Integer(), nullable=False),
        *columns,
        sa.Column("id", sa.Integer(), nullable=False),
        key,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *([sa.UniqueConstraint("phone_id", name=f"uq_{table}_phone_id")] if one else []),
        sqlite_autoincrement=True,
    )
    if not one:
        op.create_index(f"ix_{table}_phone_id", table, ["phone_id"])


def _at(name: str, *, nullable: bool = False) -> SchemaItem:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _of_a_phone("network_admins", _at("since"), _at("ended_at", nullable=True), one=True)
    _of_a_phone(
        "sign_in_codes",
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _at("asked_at"),
        _at("used_at", nullable=True),
    )
    op.create_index("ix_sign_in_codes_asked_at", "sign_in_codes", ["asked_at"])
    _of_a_phone(
        "console_sessions",
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.Column("own_device", sa.Boolean(), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        _at("began_at"),
        _at("seen_at"),
        _at("ended_at", nullable=True),
        sa.UniqueConstraint("secret", name="uq_console_sessions_secret"),
    )
    op.create_index("ix_console_sessions_seen_at", "console_sessions", ["seen_at"])
    _of_a_phone(
        "authenticators",
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _at("made_at"),
        _at("confirmed_at", nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        one=True,
    )


def downgrade() -> None:
    for table in ("authenticators", "console_sessions", "sign_in_codes", "network_admins"):
        op.drop_table(table)
