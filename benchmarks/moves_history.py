"""The 50 revisions that `moves.py` upgrades on an empty database: ten tables, five revisions each."""

from collections.abc import Iterator

REVISIONS = 50

_CREATE = """
    op.create_table(
        "t{n}",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable={is_first}),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), server_default="draft", nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["t{parent}.id"], name="fk_t{n}_parent"),
        sa.PrimaryKeyConstraint("id", name="pk_t{n}"),
        sa.UniqueConstraint("slug", name="uq_t{n}_slug"),
    )
    with op.batch_alter_table("t{n}") as block:
        block.create_index("ix_t{n}_state", ["state"])
        block.create_index("ix_t{n}_made_at", ["made_at"])"""
_ADD = """
    with op.batch_alter_table("t{n}") as block:
        block.add_column(sa.Column("note", sa.String(60), nullable=True))"""
_INDEX = """
    with op.batch_alter_table("t{n}") as block:
        block.create_index("ix_t{n}_note", ["note"])"""
_ALTER = """
    with op.batch_alter_table("t{n}") as block:
        block.alter_column("title", existing_type=sa.String(200), type_=sa.String(300), existing_nullable=False)"""
_FILL = """
    op.execute("UPDATE t{n} SET note = slug WHERE note IS NULL")
    with op.batch_alter_table("t{n}") as block:
        block.add_column(sa.Column("views", sa.Integer(), server_default="0", nullable=False))"""
_OF_TABLE = (_CREATE, _ADD, _INDEX, _ALTER, _FILL)


def scripts() -> Iterator[str]:
    """Yield the body of each upgrade, in order."""
    for number in range(REVISIONS // len(_OF_TABLE)):
        for body in _OF_TABLE:
            yield body.format(n=number, parent=max(0, number - 1), is_first=number == 0)
