"""Guards with leader's mark and validity; the duty log, patrols, notices, whereabouts, applicants."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UtcTime = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; every guard that there is stays in force."""
    _guards()
    _of_site(
        "duty_log",
        *_texts("post", "guard", "day", "entry_kind", "text"),
        sa.Column("at", UtcTime, nullable=False),
        *_lists("told", "pictures"),
        sa.Column("corrects_id", sa.Uuid, sa.ForeignKey("duty_log.id", name="fk_duty_log_corrects_id")),
        index=("site_id", "day", "id"),
    )
    _patrols()
    _board()
    _of_site(
        "applicants",
        *_texts("name", "phone_tail", "position", "waits_where", "department", "interviewer", "state", "remark"),
        sa.Column("came_at", UtcTime, nullable=False),
        unique=("site_id", "name", "came_at"),
        index=("site_id", "state", "id"),
    )


def _guards() -> None:
    for column in (
        sa.Column("is_leader", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("phone", sa.Text, nullable=False, server_default=""),
        sa.Column("valid_from", UtcTime),
        sa.Column("valid_until", UtcTime),
        sa.Column("in_force", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("pin_changed_at", UtcTime),
    ):
        op.add_column("guards", column)


def _patrols() -> None:
    position = sa.Column("position", sa.Integer, nullable=False)
    _of_site("patrol_points", *_texts("name", "code", "place"), position, unique=("site_id", "code"))
    used = sa.Column("is_used", sa.Boolean, nullable=False)
    _of_site("patrol_routes", *_texts("name"), used, unique=("site_id", "name"))
    op.create_table(
        "patrol_stops",
        sa.Column("route_id", sa.Uuid, sa.ForeignKey("patrol_routes.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("point_id", sa.Uuid, sa.ForeignKey("patrol_points.id"), nullable=False, index=True),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    _of_site(
        "patrol_rounds",
        sa.Column("route_id", sa.Uuid, sa.ForeignKey("patrol_routes.id"), nullable=False, index=True),
        *_texts("guard", "day", "remark"),
        sa.Column("begun_at", UtcTime, nullable=False),
        sa.Column("ended_at", UtcTime),
        *_lists("stops"),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        index=("site_id", "day", "id"),
    )


def _board() -> None:
    shown = (sa.Column(name, sa.Boolean, nullable=False) for name in ("at_booth", "at_lane_display", "at_office"))
    _of_site(
        "notices",
        *_texts("title", "text", "title_en", "text_en", "importance"),
        *shown,
        *_lists("gates", "lanes"),
        sa.Column("valid_from", UtcTime, nullable=False),
        sa.Column("valid_until", UtcTime),
        unique=("site_id", "title", "valid_from"),
    )
    _of_site(
        "whereabouts",
        *_texts("subject_kind", "subject", "destination", "remark"),
        sa.Column("left_at", UtcTime, nullable=False),
        sa.Column("expected_back", UtcTime),
        sa.Column("returned_at", UtcTime),
        unique=("site_id", "subject", "left_at"),
        index=("site_id", "returned_at"),
    )


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _lists(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.JSON, nullable=False) for name in names]


def _of_site(table: str, *columns: sa.Column[Any], unique: tuple[str, ...] = (), index: tuple[str, ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        *columns,
        *((sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"),) if unique else ()),
    )
    if index:
        op.create_index(f"ix_{table}_{'_'.join(index)}", table, list(index))
