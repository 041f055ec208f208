"""`migrate` and `check` find changes of generated columns in the models, and the scripts run down and up."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import ModelsDiffer
from histories import everything

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow


def names(*columns: Callable[[], Any]) -> Callable[[Any], None]:
    """A table of names with these columns and constraints."""

    def models(db: Any) -> None:
        sa.Table(
            "person",
            db.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("first", sa.String(20)),
            sa.Column("last", sa.String(20)),
            sa.Column("born", sa.Integer),
            *(column() for column in columns),
        )

    return models


def made(name: str, kind: Any, expression: str, *, stored: bool | None = True, **options: Any) -> Callable[[], Any]:
    return lambda: sa.Column(name, kind, sa.Computed(expression, persisted=stored), **options)


def plain(name: str, kind: Any, **options: Any) -> Callable[[], Any]:
    return lambda: sa.Column(name, kind, **options)


def started(make_app: MakeApp, url: str, models: Any) -> sa.Engine:
    engine: sa.Engine = make_app(url, models).extensions["db"].engine
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    with engine.begin() as connection:
        rows = r"(1, 'Ada', 'Lovelace', 1815), (2, 'Li', NULL, 701), (3, '\:y', '50%', NULL)"
        connection.execute(sa.text(f"INSERT INTO person (id, first, last, born) VALUES {rows}"))
    flask_rewind.check()
    return engine


def state(engine: sa.Engine) -> Any:
    """Return the schema and the rows, independent of the order of columns."""
    schema, _ = everything(engine)
    columns: list[Any] = [sa.column(name) for kind, _, name in sorted(schema) if kind == "column"]
    with engine.connect() as connection:
        return schema, connection.execute(sa.select(sa.table("person", *columns)).order_by(sa.text("id"))).all()


def changed(make_app: MakeApp, url: str, before: Any, after: Any, generated: int = 2) -> str:
    """Write a migration from one to the other, go up and down, and return the script."""
    engine = started(make_app, url, before)
    make_app(url, after)
    with pytest.raises(ModelsDiffer):
        flask_rewind.check()
    old = state(engine)
    script = flask_rewind.migrate()
    assert script
    seen = []
    assert script.path.read_text().count("sa.Computed(") == generated
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.check()
        seen.append(state(engine))
        flask_rewind.downgrade()
        assert state(engine) == old
    assert seen[0] == seen[1] != old
    return script.path.read_text()


def expressions(add: int, text: str, sum_: str, kind: str, integer: Any) -> Any:
    return names(
        made("same", sa.Integer, "coalesce(born, 0)"),
        made("age", sa.Integer, f"born - {add}"),
        made("letters", sa.String(20), f"CASE WHEN born > 1000 THEN '{text}' ELSE 'old' END"),
        made("parentheses", sa.Integer, sum_),
        made("signs", sa.Integer, f"CASE WHEN {kind} THEN 1 ELSE 0 END"),
        made("type", integer, "born - 1"),
    )


def under_others(add: int, *more: Any) -> Any:
    unique = sa.UniqueConstraint("age", "id", name="uq_age")
    check = sa.CheckConstraint("age > 0", name="ck_age")
    return names(made("age", sa.Integer, f"born + {add}", index=True), lambda: unique, lambda: check, *more)


CASES: dict[str, tuple[Any, Any, int]] = {
    "other expressions": (
        expressions(1, "New", "(born + 1) * 2", "first = '\\:y'", sa.Integer),
        expressions(2, "new", "born + 1 * 2", "first = '\\:y' OR last LIKE '50%'", sa.BigInteger),
        10,
    ),
    "under an index and constraints": (under_others(1), under_others(2, lambda: sa.Index("ix_new", "age", "id")), 2),
    "made of a column that comes": (
        names(made("age", sa.Integer, "2026 - born")),
        names(plain("died", sa.Integer), made("age", sa.Integer, "died - born")),
        2,
    ),
    "made of a column that goes": (
        names(plain("died", sa.Integer), made("age", sa.Integer, "died - born")),
        names(made("age", sa.Integer, "2026 - born")),
        2,
    ),
    "on one side only": (
        names(made("age", sa.Integer, "2026 - born"), plain("kind", sa.Integer)),
        names(plain("age", sa.Integer), made("kind", sa.Integer, "born")),
        2,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_changed_generated_column_is_dropped_and_added_on_both_ways(
    make_app: MakeApp, database_url: str, case: str
) -> None:
    changed(make_app, database_url, *CASES[case])


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"])
@pytest.mark.parametrize("stored", [False, None])
def test_where_the_values_are_kept_is_part_of_it(make_app: MakeApp, database_url: str, stored: bool | None) -> None:
    before, after = (names(made("age", sa.Integer, "2026 - born", stored=each)) for each in (stored, True))
    assert changed(make_app, database_url, before, after).count("persisted=True") == 1


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"])
def test_columns_made_of_a_changed_one_go_before_it_and_come_after(make_app: MakeApp, database_url: str) -> None:
    def models(year: int) -> Any:
        twice = made("Twice", sa.Integer, "thrice - age", index=True)
        return names(made("age", sa.Integer, f"{year} - born"), made("thrice", sa.Integer, "AGE * 3"), twice)

    text = changed(make_app, database_url, models(2026), models(2027), 6)
    assert text.index("drop_column('Twice')") < text.index("drop_column('thrice')") < text.index("drop_column('age')")


SPELLINGS = {
    "sqlite": ["born+1", '( "born" + 1 )', "CASE WHEN first in ('a','B') THEN 1 else 0 END"],
    "mariadb": [
        "born+1",
        "CASE WHEN first in ('a','B') THEN 1 else 0 END",
        "Char_Length(concat(first, ' ', coalesce(last, '')))",
        "if(born is not null and first like '%a', 1, 0)",
    ],
    "postgresql": [
        "born+1",
        "CASE WHEN first in ('a','B') THEN 1 else 0 END",
        "length(first || ' ' || coalesce(last, ''))",
        "CASE WHEN NOT (born BETWEEN 1 AND 2) OR first LIKE '%a' THEN 1 END",
        "cast(substring(first from 1 for 2) = any(array['a', 'b']) as int)",
    ],
}


def test_an_expression_that_the_engine_spells_otherwise_is_no_change(
    make_app: MakeApp, database_url: str, engine_name: str
) -> None:
    columns = [made(f"c{number}", sa.Integer, each) for number, each in enumerate(SPELLINGS[engine_name])]
    engine = started(make_app, database_url, names(*columns))
    for _ in range(2):  # as it comes out of a dump, and again
        with engine.begin() as connection:
            for number, each in enumerate(sa.inspect(connection).get_columns("person")[4:]):
                spelled = each["computed"]["sqltext"]
                if engine_name == "sqlite":
                    continue
                connection.execute(sa.text(f"ALTER TABLE person DROP COLUMN c{number}"))
                made_of = spelled.replace(":", "\\:").replace("\\:\\:", "::")
                connection.execute(
                    sa.text(f"ALTER TABLE person ADD c{number} integer GENERATED ALWAYS AS ({made_of}) STORED")
                )
        flask_rewind.check()


def test_values_stay_when_a_column_is_no_longer_generated(make_app: MakeApp, database_url: str) -> None:
    engine = started(make_app, database_url, names(made("kind", sa.String(20), "CASE WHEN born > 1000 THEN 'x' END")))
    make_app(database_url, names(plain("kind", sa.String(20))))
    flask_rewind.migrate()
    flask_rewind.upgrade()
    query = "SELECT id, kind FROM person ORDER BY id"
    with engine.begin() as connection:
        assert connection.exec_driver_sql(query).all() == [(1, "x"), (2, None), (3, None)]
        connection.exec_driver_sql("UPDATE person SET kind = 'own' WHERE id = 2")
    flask_rewind.downgrade()
    flask_rewind.upgrade()
    with engine.begin() as connection:
        assert connection.exec_driver_sql(query).all() == [(1, "x"), (2, "own"), (3, None)]


def test_a_column_that_may_not_be_null_gets_its_values_first(make_app: MakeApp, database_url: str) -> None:
    generated = made("kind", sa.String(20), "coalesce(first, '-')")
    changed(make_app, database_url, names(generated), names(plain("kind", sa.String(20), nullable=False)), 1)


def test_tables_that_env_leaves_out_are_left_alone(make_app: MakeApp, database_url: str) -> None:
    started(make_app, database_url, names(made("age", sa.Integer, "2026 - born")))
    make_app(
        database_url,
        names(made("age", sa.Integer, "2027 - born")),
        include_object=lambda item, name, kind, reflected, other: name != "person",
    )
    flask_rewind.check()
    assert flask_rewind.migrate() is None
