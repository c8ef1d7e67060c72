"""What the log is searched by beside plate, card and person; its plates, and its counts."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from access.entries import EntryError
from access.sealing import unseal
from central.journal.projection import project
from central.log import counting
from central.log.tables import HOURS
from central.log.tally import Tally, read_tally
from central.tables import Bytewise

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LOGGED = "kind IN ('decision', 'guard', 'lane', 'observation', 'pass', 'slip', 'visit', 'vehicle')"
NEWEST: tuple[sa.ColumnElement[int], ...] = (sa.literal_column("at_us DESC"), sa.literal_column("id DESC"))
INDEXES: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    ("log", ("site_id", *NEWEST, "plate"), LOGGED),
    ("gate", ("gate_id", *NEWEST), LOGGED),
    ("lane", ("lane_id", *NEWEST), LOGGED),
    ("outcome", ("outcome", "reason", *NEWEST), LOGGED),
    ("reason", ("reason", *NEWEST), LOGGED),
    ("category", ("category", *NEWEST), "category IS NOT NULL"),
    ("record", ("record_id", *NEWEST), "record_id IS NOT NULL"),
    ("guard", ("guard", *NEWEST), "guard IS NOT NULL"),
)
FORMER = ("log", "gate", "lane", "outcome", "reason", "plate_reversed")
PAGE = 2000
# On SQLite a plate's parts are found by trigrams of its folded form; what is kept there is kept by the table itself.
PARTS = (
    "CREATE VIRTUAL TABLE log_plate_parts USING fts5(folded, site_id UNINDEXED, plate UNINDEXED, tokenize='trigram')",
    """CREATE TRIGGER log_plates_added AFTER INSERT ON log_plates BEGIN
      INSERT INTO log_plate_parts (folded, site_id, plate) VALUES (new.folded, new.site_id, new.plate);
    END""",
    """CREATE TRIGGER log_plates_gone AFTER DELETE ON log_plates WHEN length(old.folded) > 2 BEGIN
      DELETE FROM log_plate_parts WHERE rowid IN (
        SELECT rowid FROM log_plate_parts WHERE log_plate_parts MATCH '"' || replace(old.folded, '"', '""') || '"'
        AND plate = old.plate AND site_id = old.site_id);
    END""",
    # Too short for the index: such plates are few, and go one by one.
    """CREATE TRIGGER log_plates_gone_short AFTER DELETE ON log_plates WHEN length(old.folded) < 3 BEGIN
      DELETE FROM log_plate_parts WHERE plate = old.plate AND site_id = old.site_id;
    END""",
)


def upgrade() -> None:
    """Add the columns, the plates and the counts, and fill them from the entries that there are."""
    for name in FORMER:
        op.drop_index(f"ix_journal_{name}", "journal_entries")
    op.drop_column("journal_entries", "plate_reversed")
    for name, form in (("record_id", sa.Uuid()), ("guard", sa.Text()), ("capture", sa.Text())):
        op.add_column("journal_entries", sa.Column(name, form))
    _plates()
    _counts()
    _fill()
    for name, columns, where in INDEXES:
        condition = sa.text(where)
        op.create_index(f"ix_journal_{name}", "journal_entries", columns, sqlite_where=condition, postgresql_where=condition)
    _exports()


def _plates() -> None:
    op.create_table(
        "log_plates",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("plate", Bytewise, primary_key=True),
        sa.Column("plate_reversed", Bytewise, nullable=False),
        sa.Column("folded", Bytewise, nullable=False),
    )
    for name in ("plate_reversed", "folded"):
        op.create_index(op.f(f"ix_log_plates_site_id_{name}"), "log_plates", ["site_id", name])
    if op.get_bind().dialect.name == "sqlite":
        for statement in PARTS:
            op.execute(statement)
    else:
        _trigrams()


def _trigrams() -> None:
    """Have PostgreSQL find parts by an index; where it may not, it reads all plates."""
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except sa.exc.DBAPIError:
        return
    op.execute("CREATE INDEX ix_log_plates_parts ON log_plates USING gin (folded gin_trgm_ops)")


def _counts() -> None:
    counter = [sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in ("total", *HOURS)]
    op.create_table(
        "log_counts",
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("gate_id", sa.Uuid, primary_key=True),
        sa.Column("lane_id", sa.Uuid, primary_key=True),
        *(sa.Column(name, Bytewise, primary_key=True) for name in ("outcome", "category", "guard")),
        *counter,
    )


def _fill() -> None:
    """Read every entry once more: what is searched by now stands in its bytes."""
    connection = op.get_bind()
    entries = sa.table(
        "journal_entries",
        *(sa.column(name, sa.Uuid()) for name in ("edge_id", "epoch", "site_id", "gate_id", "lane_id", "record_id")),
        sa.column("seq", sa.BigInteger()),
        *(sa.column(name, sa.LargeBinary()) for name in ("canonical", "personal")),
        *(sa.column(name, sa.Text()) for name in ("guard", "capture", "plate", "reason")),
    )
    place = (entries.c.edge_id, entries.c.epoch, entries.c.seq)
    sites = sa.table("sites", sa.column("id", sa.Uuid()), sa.column("zone"))
    zones = {row.id: row.zone for row in connection.execute(sa.select(sites))}
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(entries).order_by(*place).limit(PAGE)
        if after is not None:
            behind = (sa.literal(one, column.type) for one, column in zip(after, place, strict=True))
            query = query.where(sa.tuple_(*place) > sa.tuple_(*behind))
        rows = connection.execute(query).all()
        if not rows:
            return
        _fill_page(connection, entries, rows, zones)
        after = (rows[-1].edge_id, rows[-1].epoch, rows[-1].seq)


def _fill_page(connection: sa.Connection, entries: Any, rows: Sequence[Any], zones: dict[Any, str]) -> None:
    tallies: dict[tuple[Any, Any], Tally] = {}
    changes = []
    for row in rows:
        try:
            opened = unseal(row.canonical, row.personal)
            columns = project(opened) | {"plate": row.plate}
        except EntryError:
            continue
        tally = tallies.setdefault((row.site_id, row.gate_id), Tally(zones[row.site_id]))
        tally.add(row.lane_id.bytes if row.lane_id else None, columns, opened.fields)
        found = {name: columns[name] for name in ("record_id", "guard", "capture", "reason")}
        if any(found.values()):
            changes.append({"e": row.edge_id, "p": row.epoch, "s": row.seq, **found})
    if changes:
        at = (entries.c.edge_id == sa.bindparam("e"), entries.c.epoch == sa.bindparam("p"), entries.c.seq == sa.bindparam("s"))
        connection.execute(sa.update(entries).where(*at), changes)
    with Session(connection) as session:
        for (site, gate), tally in tallies.items():
            counting.note(session, site, gate, read_tally(tally.as_json()))
        session.flush()


def _exports() -> None:
    """Have room for the sheets that are made beside."""
    at = sa.DateTime(timezone=True)
    op.create_table(
        "log_exports",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("site_id", sa.Uuid, sa.ForeignKey("sites.id")),
        *(sa.Column(name, sa.Uuid) for name in ("by_id", "by_site")),
        sa.Column("look_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by_name", "by_role", "origin", "form", "language", "purpose")),
        sa.Column("wanted", sa.JSON, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "fault_zh", "fault_en")),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("rows_total", sa.BigInteger),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("rows_done", "size")),
        sa.Column("created_at", at, nullable=False),
        sa.Column("finished_at", at),
    )
    op.create_index("ix_log_exports_state_id", "log_exports", ["state", "id"])
