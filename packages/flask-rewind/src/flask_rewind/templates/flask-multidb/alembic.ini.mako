# Settings of this migrations directory. The database's address comes from the app.

[alembic]
# How script files are named:
# file_template = %%(rev)s_%%(slug)s

# Run env.py for `revision` too, not only for `migrate`:
# revision_environment = false

[loggers]
keys = root,sqlalchemy,alembic,plugins,flask_rewind

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARNING
handlers = console
qualname =

[logger_sqlalchemy]
level = WARNING
handlers =
qualname = sqlalchemy.engine

[logger_alembic]
level = INFO
handlers =
qualname = alembic

[logger_plugins]
level = WARNING
handlers =
qualname = alembic.runtime.plugins

[logger_flask_rewind]
level = INFO
handlers =
qualname = flask_rewind

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
datefmt = %H:%M:%S
