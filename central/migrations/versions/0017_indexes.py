"""Indexes of the audit and of workflows' records, for what is asked of them every day."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    for table, columns in (
        ("audit_entries", ("kind", "id")),
        ("audit_entries", ("act", "id")),
        ("workflow_records", ("site_id", "workflow", "id")),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
