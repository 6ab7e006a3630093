"""What Alembic runs: the steps, on the connection it was given."""

from alembic import context

from app.server.database.tables import ServerTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ServerTable.metadata,
)
with context.begin_transaction():
    context.run_migrations()
