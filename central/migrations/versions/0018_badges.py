"""Names that are given once and for ever; users who act under a badge."""

from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the badge, and the table of names with all that there are; of two that look alike, one stands for both."""
    op.add_column("users", sa.Column("badge", sa.Text))
    lasts = sa.text("disabled_at IS NULL")
    columns = ["site_id", "badge"]
    op.create_index("ix_users_site_id_badge", "users", columns, unique=True, sqlite_where=lasts, postgresql_where=lasts)
    names = op.create_table(
        "taken_names",
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("of_programs", sa.Boolean, nullable=False),
    )
    connection = op.get_bind()
    programs = connection.scalars(sa.text("SELECT name FROM api_tokens"))
    taken = {normalize("NFKC", name): True for name in programs}
    users = connection.scalars(sa.text("SELECT name FROM users"))
    taken |= {normalize("NFKC", name): False for name in users}
    op.bulk_insert(names, [{"folded": folded, "of_programs": of_programs} for folded, of_programs in taken.items()])
