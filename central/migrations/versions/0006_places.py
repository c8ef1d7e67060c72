"""Buildings, units, zones, posts; what lanes ask for; what a site has set, and its plan."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; lanes go on as they are."""
    _create(
        "buildings",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("floors", sa.Integer, nullable=False),
        unique=[("site_id", "name")],
    )
    _create(
        "units",
        sa.Column("building_id", sa.Uuid, sa.ForeignKey("buildings.id"), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("floor", sa.Integer),
        sa.Column("use", sa.Text, nullable=False),
        unique=[("building_id", "number"), ("site_id", "label")],
    )
    _create(
        "zones",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("full", sa.Text, nullable=False),
        sa.Column("anti_passback", sa.Text, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        unique=[("site_id", "name")],
    )
    _create(
        "posts",
        sa.Column("gate_id", sa.Uuid, sa.ForeignKey("gates.id")),
        sa.Column("name", sa.Text, nullable=False),
        unique=[("site_id", "name")],
    )
    _lanes()
    _of_sites()


def _create(table: str, *columns: sa.Column[Any], unique: list[tuple[str, ...]]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *columns,
        *(sa.UniqueConstraint(*names, name=f"uq_{table}_{'_'.join(names)}") for names in unique),
    )


def _lanes() -> None:
    for column in ("inner_zone_id", "outer_zone_id"):
        if op.get_bind().dialect.name == "sqlite":
            # SQLite takes a reference only within the column's own definition, which Alembic does not write.
            op.execute(f"ALTER TABLE lanes ADD COLUMN {column} CHAR(32) CONSTRAINT fk_lanes_{column} REFERENCES zones (id)")
        else:
            op.add_column("lanes", sa.Column(column, sa.Uuid))
            op.create_foreign_key(f"fk_lanes_{column}", "lanes", "zones", [column], ["id"])
    op.add_column("lanes", sa.Column("terms", sa.JSON, nullable=False, server_default="{}"))


def _of_sites() -> None:
    op.create_table(
        "site_settings",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("work_hours_schedule_id", sa.Uuid, sa.ForeignKey("schedules.id")),
    )
    op.create_table(
        "site_plans",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("image", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("marks", sa.JSON, nullable=False),
    )
