"""What every record of the office has: version, audit, replies asked for again, numbers, workflows; users bound to a site."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
Bytewise = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
VERSIONED = ("sites", "gates", "lanes", "schedules", "levels", "persons", "vehicles", "cards", "blocks", "guards")


def upgrade() -> None:
    """Add the columns and tables; two roles get the names that they have now."""
    for table in VERSIONED:
        op.add_column(table, sa.Column("version", sa.BigInteger, nullable=False, server_default="1"))
    _users()
    _audit()
    op.create_table(
        "idempotency_keys",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False, index=True),
    )
    op.create_table(
        "counters",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    _workflows()


def _users() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        op.execute("ALTER TABLE users ADD COLUMN site_id CHAR(32) CONSTRAINT fk_users_site_id REFERENCES sites (id)")
    else:
        op.add_column("users", sa.Column("site_id", sa.Uuid))
        op.create_foreign_key("fk_users_site_id", "users", "sites", ["site_id"], ["id"])
    op.execute("UPDATE users SET role = 'site_manager' WHERE role = 'admin'")
    op.execute("UPDATE users SET role = 'registrar' WHERE role = 'clerk'")
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id")),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime),
        sa.Column("revoked_at", UtcTime),
    )
    op.create_table(
        "host_links",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("persons.id"), nullable=False, index=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("revoked_at", UtcTime),
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by_name", "by_role", "origin", "reason")),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
    )
    for columns in (["record_id", "id"], ["site_id", "id"], ["site_id", "kind", "id"], ["by_name", "id"]):
        op.create_index(f"ix_audit_entries_{'_'.join(columns)}", "audit_entries", columns)


def _workflows() -> None:
    op.create_table(
        "workflow_records",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("workflow", "number", "state", "data")),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("opened_at", UtcTime, nullable=False),
        sa.Column("changed_at", UtcTime, nullable=False),
        sa.Column("due_at", UtcTime),
        sa.UniqueConstraint("site_id", "workflow", "number", name="uq_workflow_records_site_id_workflow_number"),
    )
    for columns in (["site_id", "workflow", "state", "id"], ["workflow", "due_at"]):
        op.create_index(f"ix_workflow_records_{'_'.join(columns)}", "workflow_records", columns)
    op.create_table(
        "workflow_events",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "data", "by_name", "by_role", "origin")),
        sa.Column("at", UtcTime, nullable=False),
    )
    op.create_table(
        "workflow_keys",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", Bytewise, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
    )
    op.create_index("ix_workflow_keys_site_id_name_value_record_id", "workflow_keys", ["site_id", "name", "value", "record_id"])
