"""The log shows what lanes were set to: its indexes hold those entries too."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOGGED = "kind IN ('decision', 'guard', 'lane', 'observation')"


def upgrade() -> None:
    """Make the log's indexes anew."""
    newest = (sa.text("at_us DESC"), sa.text("id DESC"))
    indexes = {
        "log": newest,
        "gate": ("gate_id", *newest),
        "lane": ("lane_id", *newest),
        "outcome": ("outcome", "reason", *newest),
        "reason": ("reason", *newest),
    }
    condition = sa.text(LOGGED)
    for name, columns in indexes.items():
        op.drop_index(f"ix_journal_{name}", "journal_entries")
        op.create_index(f"ix_journal_{name}", "journal_entries", columns, sqlite_where=condition, postgresql_where=condition)
