"""A separate row for a leader as backup who is also a responder; and when the words of a notice were erased"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
ASKED = "SELECT id, request_id, responder_id, message_id, again_id, key, answered_at, declined_at, told_unsent_at FROM"
LAST_ID = "FROM sqlite_sequence WHERE name = 'responders'"


def upgrade() -> None:
    op.add_column("notices", sa.Column("forgotten_at", WHEN, nullable=True))
    op.add_column("responders", sa.Column("undone_at", WHEN, nullable=True))
    _unique_by("member_id", "phone_id", "backup")


def downgrade() -> None:
    # The previous release knows only one row per person: the responder's.
    twice = "SELECT 1 FROM responders AS other WHERE other.member_id = responders.member_id"
    op.execute(
        f"DELETE FROM responders WHERE backup AND EXISTS ({twice} AND other.phone_id = responders.phone_id"
        " AND NOT other.backup)"
    )
    _unique_by("member_id", "phone_id")
    op.drop_column("responders", "undone_at")
    op.drop_column("notices", "forgotten_at")


def _unique_by(*columns: str) -> None:
    """Replace the unique constraint.

    SQLite rebuilds the table for that, which deletes the rows that refer to it: save those first, and the last id.
    """
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute(f"CREATE TEMPORARY TABLE asked_before AS {ASKED} help_asks")
        op.execute(f"CREATE TEMPORARY TABLE last_id AS SELECT seq {LAST_ID}")
    with op.batch_alter_table("responders", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("uq_responders_member_id", type_="unique")
        table.create_unique_constraint("uq_responders_member_id", list(columns))
    if is_sqlite:
        _put_back()


def _put_back() -> None:
    columns = ASKED.removeprefix("SELECT ").removesuffix(" FROM")
    op.execute("DELETE FROM help_asks")
    op.execute(f"INSERT INTO help_asks ({columns}) {ASKED} asked_before")
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'responders'")
    op.execute("INSERT INTO sqlite_sequence (name, seq) SELECT 'responders', seq FROM last_id")
    for table in ("asked_before", "last_id"):
        op.execute(f"DROP TABLE temp.{table}")
