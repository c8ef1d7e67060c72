"""Tables of vehicles and parking: what the office keeps of a vehicle, former plates, pictures, parking spaces, quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXTS = ("frame_number", "permit_number", "make", "model", "body_colour", "remark", "picture")


def upgrade() -> None:
    """Add them; a vehicle need not have a plate any more."""
    _vehicles()
    _of_vehicles()
    _quotas()
    _spaces()


def _vehicles() -> None:
    # SQLite forgets that a column must be filled only with the table: there it is made anew, with all that it holds.
    with op.batch_alter_table("vehicles") as vehicles:
        vehicles.alter_column("plate", existing_type=Bytewise, nullable=True)
        for name in TEXTS:
            vehicles.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
        vehicles.add_column(sa.Column("electric", sa.Boolean, nullable=False, server_default=sa.false()))
        vehicles.add_column(sa.Column("plate_since", UtcTime))
        vehicles.add_column(sa.Column("company_id", sa.Uuid))
        vehicles.create_foreign_key("fk_vehicles_company_id", "companies", ["company_id"], ["id"])
    op.create_index("ix_vehicles_company_id", "vehicles", ["company_id"])
    for number in ("frame_number", "permit_number"):
        given = sa.text(f"{number} <> ''")
        op.create_index(
            f"ix_vehicles_{number}", "vehicles", ["site_id", number], unique=True, sqlite_where=given, postgresql_where=given
        )


def _of_vehicles() -> None:
    op.create_table(
        "former_plates",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("vehicle_id", sa.Uuid, sa.ForeignKey("vehicles.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("plate", Bytewise, nullable=False),
        sa.Column("since", UtcTime),
        sa.Column("until", UtcTime, nullable=False),
    )
    op.create_index("ix_former_plates_site_id_plate", "former_plates", ["site_id", "plate"])
    op.create_table(
        "vehicle_pictures",
        sa.Column("vehicle_id", sa.Uuid, sa.ForeignKey("vehicles.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )


def _of_site() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    )


def _quotas() -> None:
    op.create_table(
        "quotas",
        *_of_site(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "unit", "over", "remark")),
        sa.Column("company_id", sa.Uuid, sa.ForeignKey("companies.id"), index=True),
        sa.UniqueConstraint("site_id", "name", name="uq_quotas_site_id_name"),
    )
    op.create_index("ix_quotas_site_id_unit", "quotas", ["site_id", "unit"])
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        op.execute("ALTER TABLE persons ADD COLUMN quota_id CHAR(32) CONSTRAINT fk_persons_quota_id REFERENCES quotas (id)")
    else:
        op.add_column("persons", sa.Column("quota_id", sa.Uuid))
        op.create_foreign_key("fk_persons_quota_id", "persons", "quotas", ["quota_id"], ["id"])
    op.create_index("ix_persons_quota_id", "persons", ["quota_id"])


def _spaces() -> None:
    op.create_table(
        "parking_spaces",
        *_of_site(),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("status", "number", "space_kind", "unit", "remark")),
        sa.Column("valid_from", UtcTime),
        sa.Column("valid_until", UtcTime),
        *(
            sa.Column(f"{one}_id", sa.Uuid, sa.ForeignKey(f"{many}.id"), index=True)
            for one, many in (("zone", "zones"), ("person", "persons"), ("company", "companies"), ("quota", "quotas"))
        ),
        sa.UniqueConstraint("site_id", "number", name="uq_parking_spaces_site_id_number"),
    )
    for column in ("unit", "valid_until"):
        op.create_index(f"ix_parking_spaces_site_id_{column}", "parking_spaces", ["site_id", column])
