"""The keys that sign passes, the codes that were issued, and those that are void."""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
