"""Tables of cards: what each is and what stands on it, in whose custody it is, what happened to it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
DEFAULTS = {"kind": "resident_card", "strength": "uid", "printed": "", "state": "active", "bound_to": "", "deposit": ""}
STATES = """
UPDATE cards SET state = CASE
    WHEN status IN ('active', 'returned') AND person_id IS NULL THEN 'stock'
    WHEN status IN ('frozen', 'lost', 'revoked', 'expired', 'returned') THEN status
    WHEN status = 'confiscated' THEN 'revoked'
    ELSE 'active'
END
"""
STRENGTHS = "UPDATE cards SET strength = 'plain' WHERE medium = 'code'"
OF_STAFF = "UPDATE cards SET kind = 'staff_card' WHERE person_id IN (SELECT id FROM persons WHERE category = 'staff')"
OF_VISITORS = "UPDATE cards SET kind = 'visitor_card' WHERE person_id IN (SELECT id FROM persons WHERE category = 'visitor')"


def upgrade() -> None:
    """Add them; cards are of the kind that their holders' category says, and in the state that their status says."""
    for name, default in DEFAULTS.items():
        op.add_column("cards", sa.Column(name, sa.Text, nullable=False, server_default=default))
    op.add_column("cards", sa.Column("floors", sa.JSON, nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference only within the column's own definition, which Alembic does not write.
        op.execute(
            "ALTER TABLE cards ADD COLUMN replaced_by_id CHAR(32) CONSTRAINT fk_cards_replaced_by_id REFERENCES cards (id)"
        )
    else:
        op.add_column("cards", sa.Column("replaced_by_id", sa.Uuid))
        op.create_foreign_key("fk_cards_replaced_by_id", "cards", "cards", ["replaced_by_id"], ["id"])
    for columns in (["replaced_by_id"], ["site_id", "printed"], ["state", "valid_until"]):
        op.create_index(f"ix_cards_{'_'.join(columns)}", "cards", columns)
    for statement in (STATES, STRENGTHS, OF_STAFF, OF_VISITORS):
        op.execute(statement)
    op.create_table(
        "card_events",
        sa.Column("card_id", sa.Uuid, primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("site_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "data", "by_name", "by_role", "origin")),
        sa.Column("at", UtcTime, nullable=False),
    )
