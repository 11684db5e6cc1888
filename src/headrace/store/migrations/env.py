"""How Alembic runs: always on the connection that `store.database.migrate` opened."""

from alembic import context

from headrace.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_server_default=True,
    user_module_prefix="model.",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
