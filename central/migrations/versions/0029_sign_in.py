"""Sessions that can be told apart, scopes of tokens, wrong passwords that all workers know, signing in by another's word."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

At = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what signing in needs; who is signed in stays so."""
    _sessions()
    op.add_column("api_tokens", sa.Column("scopes", sa.JSON, nullable=True))
    op.add_column("api_tokens", sa.Column("replaces_id", sa.Uuid, nullable=True))
    op.add_column("api_tokens", sa.Column("used_at", At, nullable=True))
    op.create_table(
        "wrong_passwords",
        sa.Column("who", sa.LargeBinary, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("until_at", At, nullable=False),
        sa.Column("forget_at", At, nullable=False, index=True),
    )
    _oidc()


def _sessions() -> None:
    op.add_column("user_sessions", sa.Column("id", sa.Uuid, nullable=True))
    op.add_column("user_sessions", sa.Column("agent", sa.Text, nullable=False, server_default=""))
    op.add_column("user_sessions", sa.Column("origin", sa.Text, nullable=False, server_default=""))
    op.add_column("user_sessions", sa.Column("seen_at", At, nullable=True))
    op.add_column("user_sessions", sa.Column("oidc_session", sa.Text, nullable=True))
    rows = sa.table("user_sessions", sa.column("token_hash", sa.LargeBinary), sa.column("id", sa.Uuid))
    connection = op.get_bind()
    connection.exec_driver_sql("UPDATE user_sessions SET seen_at = created_at")
    for token_hash in connection.scalars(sa.select(rows.c.token_hash)).all():
        # Nobody is let in by half a hash, and it is another for each.
        made = UUID(bytes=token_hash[-16:].rjust(16, b"\0"))
        connection.execute(sa.update(rows).where(rows.c.token_hash == token_hash).values(id=made))
    with op.batch_alter_table("user_sessions") as table:
        table.alter_column("id", existing_type=sa.Uuid, nullable=False)
        table.alter_column("seen_at", existing_type=At, nullable=False)
        table.create_unique_constraint("uq_user_sessions_id", ["id"])


def _oidc() -> None:
    op.create_table(
        "oidc_identities",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("by_rule", sa.Boolean, nullable=False),
        sa.Column("created_at", At, nullable=False),
    )
    op.create_index("ix_oidc_identities_issuer_subject", "oidc_identities", ["issuer", "subject"], unique=True)
    op.create_table(
        "oidc_tries",
        sa.Column("state_hash", sa.LargeBinary, primary_key=True),
        sa.Column("browser_hash", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("expires_at", At, nullable=False, index=True),
    )
