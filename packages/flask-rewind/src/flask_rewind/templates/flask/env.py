"""How the revisions of this directory reach the app's database. Yours to change."""

from logging.config import fileConfig

from alembic import context
from flask import current_app

config = context.config
fileConfig(config.config_file_name, disable_existing_loggers=False)
migrate = current_app.extensions["migrate"]


def get_engine():
    try:
        return migrate.db.engine
    except AttributeError:
        return migrate.db.get_engine()


def get_metadata():
    metadatas = getattr(migrate.db, "metadatas", None)
    return metadatas[None] if metadatas else migrate.db.metadata


def run_migrations_offline():
    """Print the SQL; no database is opened."""
    context.configure(url=get_engine().url, target_metadata=get_metadata(), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online():
    with get_engine().connect() as connection:
        context.configure(connection=connection, target_metadata=get_metadata(), **migrate.configure_args)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
