"""What other systems are told."""

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add the tables of webhooks."""
