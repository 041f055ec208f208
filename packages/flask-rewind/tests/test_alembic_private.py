"""The contract with Alembic: the private names that `alembic_private` uses exist and behave as expected."""

from pathlib import Path
from typing import Any

import alembic.context
import alembic.op
import sqlalchemy as sa
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations import Operations
from alembic.operations.ops import DropTableOp
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_rewind import alembic_private
from flask_rewind.generation.renamed_view import NewNames, Rename, renamed_inspector


class Environment(EnvironmentContext):
    """A subclass like Rewind's."""


alembic_private.publish_as_context(Environment)


def history(folder: Path) -> ScriptDirectory:
    (folder / "versions").mkdir()
    for number, parent in (("1", None), ("2", "1"), ("3", "2")):
        text = f"revision, down_revision = {number!r}, {parent!r}\ndef upgrade(): pass\ndef downgrade(): pass\n"
        (folder / f"versions/{number}.py").write_text(text)
    return ScriptDirectory(str(folder))


def context_on_sqlite() -> tuple[sa.Connection, MigrationContext]:
    connection = sa.create_engine("sqlite://").connect()
    return connection, MigrationContext.configure(connection)


def test_a_subclass_stands_behind_alembic_context(tmp_path: Path) -> None:
    with Environment(Config(), history(tmp_path), tag="mine"):
        assert alembic.context.get_tag_argument() == "mine"


def test_steps_come_in_order(tmp_path: Path) -> None:
    script = history(tmp_path)
    up = alembic_private.upgrade_steps(script, "head", ())
    assert [(step.revision.revision, step.is_upgrade) for step in up] == [("1", True), ("2", True), ("3", True)]
    down = alembic_private.downgrade_steps(script, "base", ("3",))
    assert [(step.revision.revision, step.is_upgrade) for step in down] == [("3", False), ("2", False), ("1", False)]
    assert len(alembic_private.stamp_steps(script, ("2",), ())) == 1


def test_the_version_table_can_be_made() -> None:
    connection, context = context_on_sqlite()
    alembic_private.ensure_version_table(context)
    assert sa.inspect(connection).has_table("alembic_version")
    connection.close()


def test_the_version_table_says_what_it_is_told() -> None:
    connection, context = context_on_sqlite()
    alembic_private.ensure_version_table(context)
    for heads in (("1",), ("a", "b"), ()):
        alembic_private.write_heads(context, heads)
        assert {*context.get_current_heads()} == {*heads}
    connection.close()


def test_a_transaction_of_the_caller_is_seen() -> None:
    connection, context = context_on_sqlite()
    assert not alembic_private.runs_in_callers_transaction(context)
    with connection.begin():
        assert alembic_private.runs_in_callers_transaction(MigrationContext.configure(connection))
    connection.close()


def test_one_transaction_for_all_revisions_is_seen() -> None:
    connection, context = context_on_sqlite()
    one_each = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
    assert alembic_private.runs_in_one_transaction(context)
    assert not alembic_private.runs_in_one_transaction(one_each)
    with connection.begin():
        inside = MigrationContext.configure(connection, opts={"transaction_per_migration": True})
        assert alembic_private.runs_in_one_transaction(inside)
    connection.close()


def test_a_transaction_that_was_rolled_back_begins_again() -> None:
    connection, _ = context_on_sqlite()
    context = MigrationContext.configure(connection, opts={"transactional_ddl": True})
    with context.begin_transaction():
        alembic_private.begin_again(context)
        transaction = connection.get_transaction()
        assert transaction
        transaction.rollback()
        alembic_private.begin_again(context)
        connection.exec_driver_sql("CREATE TABLE x (id INTEGER)")
    assert sa.inspect(connection).has_table("x")
    connection.close()


def test_an_implementation_is_extended_for_one_run_alone() -> None:
    class Mixin:
        def drop_table(self, table: Any, **kw: Any) -> None:
            seen.append(table.name)

    seen: list[str] = []
    connection, context = context_on_sqlite()
    alembic_private.extend_impl(context, Mixin)
    Operations(context).drop_table("x")
    assert seen == ["x"]
    other_connection, other = context_on_sqlite()
    assert not isinstance(other.impl, Mixin)
    connection.close()
    other_connection.close()


def test_directives_go_through_the_operations_given() -> None:
    connection, context = context_on_sqlite()
    with alembic_private.operations_through(Operations(context)):
        alembic.op.create_table("x", sa.Column("id", sa.Integer))
    assert sa.inspect(connection).has_table("x")
    connection.close()


def test_a_drop_remembers_what_it_drops() -> None:
    table = sa.Table("x", sa.MetaData(), sa.Column("id", sa.Integer))
    assert alembic_private.reverse_of(DropTableOp.from_table(table)) is not None


def test_a_script_can_be_marked_current(tmp_path: Path) -> None:
    script = history(tmp_path).get_revision("2")
    alembic_private.mark_current(script, True)
    assert "(current)" in script.cmd_format(False, include_branches=True)


def test_a_constraint_of_a_type_is_told_from_others() -> None:
    kind = sa.Enum("a", name="kind", create_constraint=True)
    table = sa.Table("x", sa.MetaData(), sa.Column("kind", kind), sa.CheckConstraint("kind <> ''"))
    checks = [each for each in table.constraints if isinstance(each, sa.CheckConstraint)]
    assert sorted(map(alembic_private.is_type_bound, checks)) == [False, True]


def test_types_and_defaults_are_written_as_autogenerate_writes_them() -> None:
    connection, context = context_on_sqlite()
    autogenerate = AutogenContext(context, opts={"sqlalchemy_module_prefix": "sa.", "user_module_prefix": None})
    assert alembic_private.rendered_type(sa.String(9), autogenerate) == "sa.String(length=9)"
    assert alembic_private.rendered_default(sa.DefaultClause("a"), autogenerate) == "'a'"
    autogenerate.opts["alembic_module_prefix"] = "op."
    assert alembic_private.directive_place(autogenerate, "t") == ("op.", ["'t'"])
    connection.close()


def test_models_are_compared_with_what_an_inspector_shows() -> None:
    connection, context = context_on_sqlite()
    connection.execute(sa.text("CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY)"))
    metadata = sa.MetaData()
    sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True))
    context.opts["target_metadata"] = metadata
    for names, expected in (([], ["CreateTableOp", "DropTableOp"]), ([Rename(None, "", "old", "new")], [])):
        draft = alembic_private.compare_with(context, renamed_inspector(connection, NewNames(names)))
        assert draft.upgrade_ops is not None
        assert sorted(type(each).__name__ for each in draft.upgrade_ops.ops) == expected
    connection.close()


def test_the_imports_of_a_script_are_completed_before_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "script.py.mako").write_text("import re\n${imports}\nrevision, down_revision = '4', '3'\n")
    script = history(tmp_path)

    def complete(text: Any, imports: str) -> str:
        seen.append(text("import three"))
        return f"{imports}\nimport os"

    seen: list[str] = []
    with alembic_private.imports_through(script, complete):
        script.generate_revision("4", "m", imports="import sys", head="3")
    assert (tmp_path / "versions/4_m.py").read_text().startswith("import re\nimport sys\nimport os\nrevision")
    assert seen == ["import re\nimport three\nrevision, down_revision = '4', '3'\n"]
