"""Runs the migrations on the connection that `smsgate.core.migrations` hands over."""

from alembic import context

from smsgate.core.migrations import note_version
from smsgate.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    on_version_apply=note_version,
    transaction_per_migration=connection.dialect.name != "sqlite",  # on SQLite another process could begin in between
)
with context.begin_transaction():
    context.run_migrations()
