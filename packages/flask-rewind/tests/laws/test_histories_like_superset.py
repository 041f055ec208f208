"""A history like Superset's: batch blocks with naming conventions, models inside scripts, loops over rows."""

from collections.abc import Callable

import pytest
from flask import Flask
from histories import travelled

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

CONVENTION = """
naming_convention = {
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}
"""

FIRST = """
op.create_table(
    "ab_user",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("username", sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("username"),
)
op.create_table(
    "clusters",
    sa.Column("created_on", sa.DateTime(), nullable=True),
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("cluster_name", sa.String(length=250), nullable=True),
    sa.Column("created_by_fk", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"]),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("cluster_name"),
)
op.create_table(
    "datasources",
    sa.Column("created_on", sa.DateTime(), nullable=True),
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("datasource_name", sa.String(length=255), nullable=True),
    sa.Column("is_featured", sa.Boolean(), nullable=True),
    sa.Column("cluster_name", sa.String(length=250), nullable=True),
    sa.Column("params", sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(["cluster_name"], ["clusters.cluster_name"]),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("datasource_name"),
)
op.create_table(
    "slices",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("slice_name", sa.String(length=250), nullable=True),
    sa.Column("datasource_id", sa.Integer(), nullable=True),
    sa.Column("datasource_name", sa.String(length=2000), nullable=True),
    sa.Column("params", sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(["datasource_id"], ["datasources.id"]),
    sa.PrimaryKeyConstraint("id"),
)
"""

MODELS = """
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()
class Slice(Base):
    __tablename__ = "slices"
    id = sa.Column(sa.Integer, primary_key=True)
    datasource_id = sa.Column(sa.Integer)
    datasource_type = sa.Column(sa.String(200))
    slice_name = sa.Column(sa.String(250))
"""

FILL = """
op.add_column("slices", sa.Column("datasource_type", sa.String(length=200), nullable=True))
bind = op.get_bind()
session = Session(bind=bind)
for each in session.query(Slice).filter(Slice.datasource_id.isnot(None)):
    each.datasource_type = "druid"
    session.merge(each)
session.commit()
session.close()
"""

UNIQUE = """
bind = op.get_bind()
insp = sa.inspect(bind)
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.drop_constraint("uq_datasources_datasource_name", type_="unique")
    batch_op.create_unique_constraint("uq_datasources_cluster_name", ["cluster_name", "datasource_name"])
assert "slices" in insp.get_table_names()
"""

UNIQUE_BACK = """
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.drop_constraint("uq_datasources_cluster_name", type_="unique")
    batch_op.create_unique_constraint("uq_datasources_datasource_name", ["datasource_name"])
"""

BY_ID = """
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.add_column(sa.Column("cluster_id", sa.Integer()))
metadata = sa.MetaData()
bind = op.get_bind()
clusters = sa.Table("clusters", metadata, autoload_with=bind)
datasources = sa.Table("datasources", metadata, autoload_with=bind)
for cluster in bind.execute(sa.select(clusters.c.id, clusters.c.cluster_name)).fetchall():
    bind.execute(
        datasources.update().where(datasources.c.cluster_name == cluster.cluster_name).values(cluster_id=cluster.id)
    )
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.create_foreign_key("fk_datasources_cluster_id_clusters", "clusters", ["cluster_id"], ["id"])
keys = sa.inspect(bind).get_foreign_keys("datasources")
fk = next(key["name"] for key in keys if key["referred_columns"] == ["cluster_name"])
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.drop_constraint(fk or "fk_datasources_cluster_name_clusters", type_="foreignkey")
    batch_op.drop_constraint("uq_datasources_cluster_name", type_="unique")
    batch_op.drop_column("cluster_name")
"""

BY_NAME = """
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.add_column(sa.Column("cluster_name", sa.String(250), nullable=True))
bind = op.get_bind()
metadata = sa.MetaData()
clusters = sa.Table("clusters", metadata, autoload_with=bind)
datasources = sa.Table("datasources", metadata, autoload_with=bind)
for cluster in bind.execute(clusters.select()).fetchall():
    bind.execute(
        datasources.update().where(datasources.c.cluster_id == cluster.id).values(cluster_name=cluster.cluster_name)
    )
with op.batch_alter_table("datasources", naming_convention=naming_convention) as batch_op:
    batch_op.drop_constraint("fk_datasources_cluster_id_clusters", type_="foreignkey")
    batch_op.drop_column("cluster_id")
    batch_op.create_unique_constraint("uq_datasources_cluster_name", ["cluster_name", "datasource_name"])
    batch_op.create_foreign_key("fk_datasources_cluster_name_clusters", "clusters", ["cluster_name"], ["cluster_name"])
"""

KEYS = """
bind = op.get_bind()
tags = sa.Table(
    "tag",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.String(250), unique=True),
    sa.Column("type", sa.Enum("custom", "owner", name="tagtypes")),
    sa.Column("created_by_fk", sa.Integer(), sa.ForeignKey("ab_user.id")),
)
op.create_table(
    "tag",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(250), nullable=True),
    sa.Column("type", sa.Enum("custom", "owner", name="tagtypes"), nullable=True),
    sa.Column("created_by_fk", sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"]),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("name"),
)
for number, name in enumerate(("type:chart", "owner:1")):
    try:
        with bind.begin_nested():
            bind.execute(tags.insert().values(name=name, type="custom"))
    except sa.exc.IntegrityError:
        pass
"""

CASCADE = """
with op.batch_alter_table("slices", naming_convention=naming_convention) as batch_op:
    batch_op.drop_constraint("{old}", type_="foreignkey")
    batch_op.create_foreign_key("{new}", "datasources", ["datasource_id"], ["id"]{how})
"""

TRY = """
try:
    with op.batch_alter_table("slices") as batch_op:
        batch_op.alter_column("slice_name", type_=sa.String(length={new}), existing_type=sa.String(length={old}))
except Exception:
    raise
with op.batch_alter_table("slices") as batch_op:
    batch_op.alter_column("params", type_={kind}, existing_type={was})
"""

CATALOG = """
if "perm" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("slices")}:
    with op.batch_alter_table("slices") as batch_op:
        batch_op.add_column(sa.Column("perm", sa.String(2000), nullable=True))
        batch_op.add_column(sa.Column("schema_perm", sa.String(1000), nullable=False, server_default=""))
op.create_index("ix_perm", "slices", ["schema_perm"])
"""

CATALOG_BACK = """
op.drop_index("ix_perm", "slices")
op.drop_column("slices", "schema_perm")
op.drop_column("slices", "perm")
"""

FEATURED = """
with op.batch_alter_table("datasources") as batch_op:
    batch_op.drop_column("is_featured")
    batch_op.drop_column("params")
op.execute(sa.text("UPDATE slices SET datasource_type = 'table' WHERE datasource_type = 'tables'"))
"""

FEATURED_BACK = """
with op.batch_alter_table("datasources") as batch_op:
    batch_op.add_column(sa.Column("params", sa.Text(), nullable=True))
    batch_op.add_column(sa.Column("is_featured", sa.Boolean(), nullable=True))
"""

DASHBOARDS = """
op.create_table(
    "dashboard_slices",
    sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
    sa.Column("slice_id", sa.Integer(), nullable=True),
    sa.Column("uuid", sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(["slice_id"], ["slices.id"], ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id"),
)
with op.batch_alter_table("dashboard_slices") as batch_op:
    batch_op.create_unique_constraint("uq_dashboard_slice", ["slice_id", "uuid"])
"""


def dropped(*tables: str) -> str:
    return "\n".join(f'op.drop_table("{table}")' for table in tables)


def history(engine_name: str) -> list[tuple[str, str]]:
    first_key = {"sqlite": "fk_slices_datasource_id_datasources", "postgresql": "slices_datasource_id_fkey"}[
        engine_name
    ]
    unique = {"sqlite": "uq_datasources_datasource_name", "postgresql": "datasources_datasource_name_key"}[engine_name]
    there, back = (
        f"{CONVENTION}{each}".replace("uq_datasources_datasource_name", unique) for each in (UNIQUE, UNIQUE_BACK)
    )
    new_key = "fk_slices_datasources"
    cascade = CASCADE.format(old=first_key, new=new_key, how=', ondelete="CASCADE"')
    return [
        (FIRST, dropped("slices", "datasources", "clusters", "ab_user")),
        (
            MODELS + FILL,
            'with op.batch_alter_table("slices") as batch_op:\n    batch_op.drop_column("datasource_type")',
        ),
        (there, back),
        (KEYS, f'{dropped("tag")}\nsa.Enum(name="tagtypes").drop(op.get_bind(), checkfirst=True)'),
        (
            CATALOG,
            CATALOG_BACK,
        ),
        (CONVENTION + cascade, CONVENTION + CASCADE.format(old=new_key, new=first_key, how="")),
        (CONVENTION + BY_ID, CONVENTION + BY_NAME),
        (
            TRY.format(old=250, new=500, kind="sa.String(4000)", was="sa.Text()"),
            TRY.format(old=500, new=250, kind="sa.Text()", was="sa.String(4000)"),
        ),
        (FEATURED, FEATURED_BACK),
        (DASHBOARDS, dropped("dashboard_slices")),
    ]


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_a_history_like_that_of_superset_goes_down_and_up(
    make_app: MakeApp, database_url: str, engine_name: str
) -> None:
    travelled(make_app(database_url), history(engine_name), filled_at=(1, 5))
