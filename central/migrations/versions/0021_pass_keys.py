"""The keys that sign passes, the codes that were issued, and the gate that counts what is used at several."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; a site has no key until its first code is asked for."""
    op.create_table(
        "pass_keys",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("kid", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("made_at", UtcTime, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("signs_from", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.UniqueConstraint("site_id", "kid", name="uq_pass_keys_site_id_kid"),
    )
    op.create_table(
        "issued_codes",
        sa.Column("record_id", sa.Uuid, sa.ForeignKey("workflow_records.id"), primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("turns", sa.Boolean, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("kid", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("issued_s", "valid_from_s", "valid_until_s")),
        sa.Column("claims", sa.JSON, nullable=False),
        sa.Column("forget_at", UtcTime),
    )
    op.create_index("ix_issued_codes_site_id_kid_valid_until_s", "issued_codes", ["site_id", "kid", "valid_until_s"])
    op.create_index("ix_issued_codes_forget_at", "issued_codes", ["forget_at"])
    _home_gate()


def _home_gate() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        reference = "CONSTRAINT fk_site_settings_home_gate_id REFERENCES gates (id)"
        op.execute(f"ALTER TABLE site_settings ADD COLUMN home_gate_id CHAR(32) {reference}")
        return
    op.add_column("site_settings", sa.Column("home_gate_id", sa.Uuid))
    op.create_foreign_key("fk_site_settings_home_gate_id", "site_settings", "gates", ["home_gate_id"], ["id"])
