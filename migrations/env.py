"""What Alembic runs: the migrations, on the connection it is handed and within that connection's transaction."""

from alembic import context

from app.store.tables.configuration import Record  # the package's __init__ loads every module with tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
