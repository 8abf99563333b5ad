"""Runs the migrations on the connection that `smsgate.migrations` hands over."""

from alembic import context

from smsgate.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=connection.dialect.name != "sqlite",  # there another would begin between two of them
)
with context.begin_transaction():
    context.run_migrations()
