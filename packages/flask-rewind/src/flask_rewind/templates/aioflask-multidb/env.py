"""How the revisions of this directory reach the app's databases through async engines. Yours to change."""

import asyncio
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


def run_migrations(connection, name):
    context.configure(
        connection=connection,
        upgrade_token=f"{name}_upgrades",
        downgrade_token=f"{name}_downgrades",
        target_metadata=metadata_for(name),
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations(engine_name=name)


async def run_migrations_online():
    for name in names:
        async with engine_for(name).connect() as connection:
            await connection.run_sync(run_migrations, name)


if context.is_offline_mode():
    run_migrations_offline()
else:
    asyncio.run(run_migrations_online())
