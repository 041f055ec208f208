"""Drafts of `migrate` with the app's own types, defaults and options: they run, or `migrate` says what is missing."""

import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import BadScript
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator, UserDefinedType

MakeApp = Callable[..., Flask]

OWN_TYPES = '''
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, UserDefinedType


class Lower(TypeDecorator):
    """Its repr is right; only the import is missing."""

    impl = sa.String
    cache_ok = True


class Short(sa.String):
    """A subclass without a decorator."""


class Choice(TypeDecorator):
    """Its repr has the arguments of the column's type, not its own."""

    impl = sa.String
    cache_ok = True

    def __init__(self, choices):
        self.choices = choices
        super().__init__(20)


class Grid:
    pass


class Listed(TypeDecorator):
    """Its repr is no Python."""

    impl = sa.Text
    cache_ok = True

    def __repr__(self):
        return f"Listed({Grid()!r})"


class Key(TypeDecorator):
    """Another type on each engine, and arguments of its own."""

    impl = sa.CHAR(32)
    cache_ok = True

    def __init__(self, prefix):
        super().__init__()

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Uuid())
        return dialect.type_descriptor(sa.CHAR(32))


class Point(UserDefinedType):
    cache_ok = True

    def __init__(self, grid=None):
        self.grid = grid

    def get_col_spec(self):
        return "VARCHAR(40)"


class Unread(Point):
    def __repr__(self):
        return f"Unread({self.grid!r})"


class Unknown(Point):
    def __repr__(self):
        return "Unknown(Nowhere)"
'''


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of the app, inside a package."""
    package = tmp_path / "shop_of_tests"
    (package / "columns").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "columns/__init__.py").write_text("")
    (package / "columns/types.py").write_text(OWN_TYPES)
    monkeypatch.syspath_prepend(str(tmp_path))
    import importlib

    yield importlib.import_module("shop_of_tests.columns.types")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop_of_tests"]:
        del sys.modules[name]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/app.db"


def written(
    make_app: MakeApp, url: str, *columns: sa.Column[Any], env: str = "", template: str = "", **table: Any
) -> str:
    """Migrate a table with these columns, go up, down and up, and return the script."""

    def models(db: Any) -> None:
        sa.Table("note", db.metadata, sa.Column("id", sa.Integer, primary_key=True), *columns, **table)

    app = make_app(url, models)
    folder = Path(app.extensions["migrate"].directory)
    if not folder.exists():
        flask_rewind.init()
    if env:
        path = folder / "env.py"
        path.write_text(path.read_text().replace("target_metadata=", f"{env}, target_metadata="))
    if template:
        path = folder / "script.py.mako"
        path.write_text(path.read_text().replace("import sqlalchemy as sa\n", f"import sqlalchemy as sa\n{template}\n"))
    script = flask_rewind.migrate()
    assert script
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.check()
        flask_rewind.downgrade()
    return script.path.read_text()


@pytest.mark.slow
def test_types_of_the_app_are_imported_or_written_as_the_type_in_the_database(
    make_app: MakeApp, database_url: str, types: Any
) -> None:
    text = written(
        make_app,
        database_url,
        sa.Column("lower", types.Lower(30)),
        sa.Column("short", types.Short(9)),
        sa.Column("point", types.Point()),
        sa.Column("choice", types.Choice(["a"])),
        sa.Column("listed", types.Listed()),
        sa.Column("key", types.Key("k")),
    )
    assert text.count("import shop_of_tests.columns.types\n") == 1
    assert "shop_of_tests.columns.types.Lower(length=30)" in text
    assert "sa.Column('choice', sa.String(length=20)" in text
    assert "sa.Column('listed', sa.Text()" in text
    assert "sa.Column('key', sa.CHAR(length=32).with_variant(sa.Uuid(), 'postgresql')" in text


def test_types_inside_types_are_imported_too(make_app: MakeApp, database_url: str, types: Any) -> None:
    """On any other engine Alembic writes `postgresql.JSONB(astext_type=Text())` for a variant of PostgreSQL."""
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql").with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
    words = sa.JSON().with_variant(postgresql.ARRAY(types.Lower(9)), "postgresql")
    text = written(make_app, database_url, sa.Column("json", json), sa.Column("words", words))
    assert "ARRAY(Lower(length=9))" in text or "ARRAY(shop_of_tests.columns.types.Lower(length=9))" in text


class Mood(StrEnum):
    GOOD = "good"


def test_a_default_that_is_a_member_of_an_enum_is_written_as_its_value(make_app: MakeApp, database_url: str) -> None:
    text = written(make_app, database_url, sa.Column("mood", sa.String(9), server_default=Mood.GOOD))
    assert "server_default='good'" in text


def test_expressions_keep_their_colons_and_percent_signs(make_app: MakeApp, database_url: str) -> None:
    """Alembic omits the backslash, and doubles percent signs on MariaDB and PostgreSQL."""
    default = sa.text(r"'50% \:off'")
    check: Any = sa.CheckConstraint(r"title LIKE '%\:o%'", name="ck")
    text = written(make_app, database_url, sa.Column("title", sa.String(20), server_default=default), check)
    assert r"'50% \\:off'" in text
    assert r"LIKE '%\\:o%'" in text
    flask_rewind.upgrade()
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO note (id) VALUES (1)")
        assert connection.exec_driver_sql("SELECT title FROM note").scalar() == "50% :off"
    engine.dispose()


def test_info_with_objects_is_left_out_and_options_are_strings(make_app: MakeApp, sqlite_url: str) -> None:
    options = {"mysql_comment": sa.text("it's"), "info": {"form": object(), "bind_key": None}}
    text = written(make_app, sqlite_url, **options)
    assert "info={'bind_key': None}" in text
    assert 'mysql_comment="it\'s"' in text


@pytest.mark.parametrize(
    ("prefix", "template", "import_"),
    [
        ("own.", "", "import shop_of_tests.columns.types as own\n"),
        ("", "", "from shop_of_tests.columns.types import Lower\n"),
        ("own.", "from shop_of_tests.columns import types as own", ""),
        ("", "from shop_of_tests.columns.types import *", ""),
        ("shop_of_tests.columns.types.", "", "import shop_of_tests.columns.types\n"),
    ],
)
def test_a_prefix_of_env_is_kept(
    make_app: MakeApp, sqlite_url: str, types: Any, prefix: str, template: str, import_: str
) -> None:
    column = sa.Column("lower", types.Lower(30))
    text = written(make_app, sqlite_url, column, env=f"user_module_prefix={prefix!r}", template=template)
    assert f"{prefix}Lower(length=30)" in text
    assert import_ in text
    assert text.count("shop_of_tests.columns") == 1 + text.count(" shop_of_tests.columns.types.Lower")


def test_what_env_renders_itself_is_written_as_it_is(make_app: MakeApp, sqlite_url: str, types: Any) -> None:
    render = "render_item=lambda kind, item, _: kind == 'type' and 'Unread' in repr(item) and 'sa.String(40)'"
    text = written(make_app, sqlite_url, sa.Column("place", types.Unread(types.Grid())), env=render)
    assert "sa.Column('place', sa.String(40)" in text
    assert "import shop_of_tests" not in text


def test_what_cannot_be_written_is_named_with_its_line(
    make_app: MakeApp, sqlite_url: str, types: Any, tmp_path: Path
) -> None:
    with pytest.raises(BadScript) as error:
        written(make_app, sqlite_url, sa.Column("place", types.Unread(types.Grid())))
    line = " would not be valid Python:\n  sa.Column('place', shop_of_tests.columns.types.Unread(<shop_of_tests"
    assert error.value.message.startswith("Line 23 of ")
    assert line in error.value.message
    assert "render_item" in error.value.hint
    assert list((tmp_path / "migrations/versions").glob("*.py")) == []


def test_a_name_that_nothing_imports_is_named_with_its_line(
    make_app: MakeApp, sqlite_url: str, types: Any, tmp_path: Path
) -> None:
    with pytest.raises(BadScript) as error:
        written(make_app, sqlite_url, sa.Column("place", types.Unknown()))
    line = "  line 23: Nowhere in sa.Column('place', shop_of_tests.columns.types.Unknown(Nowhere)"
    assert line in error.value.message
    assert "Add the import of Nowhere to script.py.mako" in error.value.hint
    assert list((tmp_path / "migrations/versions").glob("*.py")) == []


def test_a_type_that_no_module_has_is_written_as_the_type_in_the_database(make_app: MakeApp, sqlite_url: str) -> None:
    class Here(TypeDecorator[str]):
        impl = sa.String(12)
        cache_ok = True

    assert "sa.Column('here', sa.String(length=12)" in written(make_app, sqlite_url, sa.Column("here", Here()))


def test_a_type_that_no_module_has_and_that_is_no_decorator_is_named(make_app: MakeApp, sqlite_url: str) -> None:
    class Nowhere(UserDefinedType[str]):
        cache_ok = True

        def get_col_spec(self) -> str:
            return "VARCHAR(40)"

    Nowhere.__module__ = "shop_of_tests.gone"
    with pytest.raises(BadScript, match=r"line 23: shop_of_tests\.gone\.Nowhere in sa\.Column\('place'"):
        written(make_app, sqlite_url, sa.Column("place", Nowhere()))


def test_a_changed_type_is_imported_on_both_ways(make_app: MakeApp, sqlite_url: str, types: Any) -> None:
    written(make_app, sqlite_url, sa.Column("title", sa.String(10)))
    flask_rewind.upgrade()

    def models(db: Any) -> None:
        sa.Table(
            "note", db.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", types.Choice("ab"))
        )
        sa.Table("other", db.metadata, sa.Column("title", types.Lower(20), primary_key=True))

    make_app(sqlite_url, models)
    script = flask_rewind.migrate()
    assert script
    assert "type_=sa.String(length=20)" in script.path.read_text()
    flask_rewind.upgrade()
    flask_rewind.check()
    flask_rewind.downgrade()
