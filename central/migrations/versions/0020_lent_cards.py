"""With which visit a visitor card is lent."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what was lent before stands in the visits alone, and is given back there."""
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        op.execute("ALTER TABLE cards ADD COLUMN visit_id CHAR(32) CONSTRAINT fk_cards_visit_id REFERENCES workflow_records (id)")
    else:
        op.add_column("cards", sa.Column("visit_id", sa.Uuid))
        op.create_foreign_key("fk_cards_visit_id", "cards", "workflow_records", ["visit_id"], ["id"])
    op.create_index("ix_cards_visit_id", "cards", ["visit_id"])
