"""How the revisions of this directory reach the app's databases, one after the other. Yours to change."""

from contextlib import ExitStack
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from flask import current_app
from flask_rewind.binds import bind_names, engine_for, metadata_for

config = context.config
fileConfig(config.config_file_name, disable_existing_loggers=False)
migrate = current_app.extensions["migrate"]
names = ["", *bind_names()]


def run_migrations_offline():
    """Write the SQL of each database to <name>.sql; none is opened."""
    for name in names:
        with Path(f"{name}.sql").open("w") as buffer:
            context.configure(
                url=engine_for(name).url,
                output_buffer=buffer,
                target_metadata=metadata_for(name),
                literal_binds=True,
            )
            with context.begin_transaction():
                context.run_migrations(engine_name=name)


def run_migrations_online():
    """Begin on every database, cross the revisions on each, then commit all."""
    with ExitStack() as stack:
        connections = {name: stack.enter_context(engine_for(name).connect()) for name in names}
        transactions = [connection.begin() for connection in connections.values()]
        try:
            for name, connection in connections.items():
                context.configure(
                    connection=connection,
                    upgrade_token=f"{name}_upgrades",
                    downgrade_token=f"{name}_downgrades",
                    target_metadata=metadata_for(name),
                    **migrate.configure_args,
                )
                context.run_migrations(engine_name=name)
        except BaseException:
            for transaction in transactions:
                transaction.rollback()
            raise
        for transaction in transactions:
            transaction.commit()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
