"""Alembic's environment: runs the migrations on the connection passed in the configuration."""

from alembic import context

from app.server.database.tables import ServerTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ServerTable.metadata,
)
with context.begin_transaction():
    context.run_migrations()
