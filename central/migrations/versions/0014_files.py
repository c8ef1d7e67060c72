"""Tables of files."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)
TEXTS = ("kind", "name", "sheet", "digest", "by_name", "by_role", "origin", "reason", "state", "fault_zh", "fault_en")
COUNTS = ("rows_done", "created", "changed", "unchanged", "errors", "run_from")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("is_dry", "stop_on_error", "by_server")),
        sa.Column("by_site", sa.Uuid),
        sa.Column("rows_total", sa.Integer),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        sa.Column("created_at", UtcTime, nullable=False),
        *(sa.Column(name, UtcTime) for name in ("run_at", "beat_at", "finished_at")),
    )
    op.create_index("ix_imports_state_id", "imports", ["state", "id"])
    op.create_table(
        "import_files",
        sa.Column("import_id", sa.Uuid, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import_faults",
        sa.Column("import_id", sa.Uuid, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("row", sa.Integer),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("column", "header", "zh", "en")),
    )
