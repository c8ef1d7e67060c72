"""Vehicles keep what their plate folds to, so that look-alikes are found when one is registered."""

import sqlalchemy as sa
from alembic import op

from access.plate_index import folded

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column, fill it, and index it."""
    op.add_column("vehicles", sa.Column("folded", Bytewise, nullable=False, server_default=""))
    vehicles = sa.table("vehicles", sa.column("id", sa.Uuid()), sa.column("plate", sa.Text()), sa.column("folded", sa.Text()))
    known = op.get_bind().execute(sa.select(vehicles.c.id, vehicles.c.plate)).all()
    for identity, plate in known:
        op.execute(vehicles.update().where(vehicles.c.id == identity).values(folded=folded(plate)))
    op.create_index(op.f("ix_vehicles_site_id_folded"), "vehicles", ["site_id", "folded"])
