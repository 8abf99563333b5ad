"""The directory: areas and languages, groups' listings, requests to start a group, leaders who help other leaders"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
suits = "0026"

OPEN_TO = (
    {"en": "Everybody", "sw": "Watu wote", "fr": "Tout le monde"},
    {"en": "Women", "sw": "Wanawake", "fr": "Femmes"},
    {"en": "Men", "sw": "Wanaume", "fr": "Hommes"},
    {"en": "Young people", "sw": "Vijana", "fr": "Jeunes"},
    {"en": "People of one community", "sw": "Watu wa jamii moja", "fr": "Membres d'une communauté"},
    {"en": "Family and friends too", "sw": "Jamaa na marafiki pia", "fr": "Proches bienvenus"},
)
LANGUAGES = ("English", "Kiswahili", "Français")
TABLES = (
    "open_leaders", "leader_notices", "start_requests", "public_directory", "listing_languages", "listing_open_to",
    "listings", "open_to", "spoken_languages", "areas",
)  # fmt: skip


def upgrade() -> None:
    _lists()
    _listings()
    _people()
    table = sa.table("open_to", sa.column("words", sa.JSON), sa.column("position", sa.Integer))
    op.bulk_insert(table, [{"words": words, "position": place} for place, words in enumerate(OPEN_TO)])
    spoken = sa.table("spoken_languages", sa.column("name", sa.String))
    op.bulk_insert(spoken, [{"name": name} for name in LANGUAGES])


def _create(name: str, *columns: sa.schema.SchemaItem, unique: Sequence[str] = (), indexes: Sequence[str] = ()) -> None:
    keys = [column for column in columns if isinstance(column, sa.Column)]
    rest = [column for column in columns if not isinstance(column, sa.Column)]
    op.create_table(
        name,
        *keys,
        sa.Column("id", sa.Integer(), nullable=False),
        *rest,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *([sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{unique[0]}"))] if unique else []),
        sqlite_autoincrement=True,
    )
    for column in indexes:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _key(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _lists() -> None:
    _create(
        "areas",
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(20), nullable=False),
        _key("areas", "parent_id", "areas"),
        unique=("parent_id", "name"),
    )
    top = sa.text("parent_id IS NULL")
    op.create_index("uq_areas_top", "areas", ["name"], unique=True, sqlite_where=top, postgresql_where=top)
    _create("spoken_languages", sa.Column("name", sa.String(16), nullable=False), unique=("name",))
    _create(
        "open_to", sa.Column("words", sa.JSON(), nullable=False), sa.Column("position", sa.Integer(), nullable=False)
    )


def _listings() -> None:
    _create(
        "listings",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.Column("by_phone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("meets", sa.JSON(), nullable=True),
        sa.Column("shows_next", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("shows_place", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("on_web", sa.Boolean(), server_default=sa.false(), nullable=False),
        _key("listings", "group_id", "groups"),
        _key("listings", "area_id", "areas", "SET NULL"),
        unique=("group_id",),
        indexes=("area_id",),
    )
    for name, column, table in (
        ("listing_open_to", "open_to_id", "open_to"),
        ("listing_languages", "language_id", "spoken_languages"),
    ):
        _create(
            name,
            sa.Column("listing_id", sa.Integer(), nullable=False),
            sa.Column(column, sa.Integer(), nullable=False),
            _key(name, "listing_id", "listings"),
            _key(name, column, table),
            unique=("listing_id", column),
            indexes=("listing_id", column),
        )


def _people() -> None:
    at = sa.DateTime(timezone=True)
    _create("public_directory", sa.Column("since", at, nullable=False))
    _create(
        "start_requests",
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("idea", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", at, nullable=False),
        sa.Column("answered_at", at, nullable=True),
        _key("start_requests", "phone_id", "phones"),
        unique=("phone_id",),
        indexes=("asked_at",),
    )
    _create(
        "leader_notices",
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", at, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        _key("leader_notices", "by", "phones", "SET NULL"),
        indexes=("by", "at"),
    )
    _create(
        "open_leaders",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("since", at, nullable=False),
        _key("open_leaders", "assignment_id", "appointments"),
        unique=("assignment_id",),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
