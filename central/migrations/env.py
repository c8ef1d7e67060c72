"""Where Alembic begins: it works on the connection that it is given."""

from alembic import context

from central import sync_tables
from central.tables import Base

assert sync_tables, "its tables are part of the schema"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
