"""Fills an empty registry with a world, quickly: rows as the registry makes them, the driver's fastest way, indexes afterwards.

Nothing goes over the wire and nothing is chained: `bench/many_entries.py` does that, which takes an hour for as many. Plates and
counts stand beside the entries as ingest keeps them. In the end the database's own statistics are taken, as the registry has them
taken daily.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, text
from sqlalchemy.orm import Session

from access.plate_index import folded
from bench.query_world import GATES, HOUR_US, HOURS, PICTURE_HOURS, YEARS, Made, Making, Told, World, card, plate
from bench.registry import Measured
from central.booth.tables import BoothCursor
from central.database import Database
from central.journal import months
from central.journal.bulk import insert_rows
from central.journal.forms import FORMS, Place
from central.journal.reading import Batch, Portion
from central.ledger.tables import ConflictCursor
from central.log import counting
from central.log.tables import LogPlate
from central.log.tally import Tally, read_tally
from central.people.tables import Company
from central.tables import Card, EdgeHead, Person, Picture, Vehicle
from central.workflows.tables import WorkflowKey, WorkflowRecord
from simulators.load.enrolling import GateKey

ZONE: Final = "Asia/Shanghai"
EPOCH: Final = UUID(int=0x0190_0000_0003_7000_8000_0000_0000_0000)
ROWS_TOGETHER: Final = 60
MANY: Final = 20_000
# Nobody asks the rows where they stand.
NOWHERE: Final = Batch(b"", b"", b"", 0, 0, b"", b"")
TABLES: Final = ("journal_entries", "log_plates", "workflow_keys")
Progress = Callable[[str], None]


def filled(measured: Measured, folder: Path, entries: int, seed: int, progress: Progress) -> World:
    """Fill an empty registry, unless the folder says that this is done. Raises ValueError where it has another world."""
    note = folder / "world.json"
    if note.exists():
        told = Told.read(note)
        if told.entries != entries:
            raise ValueError(f"{folder} has {told.entries} entries, not {entries}")
        return World(told)
    if (folder / "begun").exists():
        raise ValueError(f"{folder} has been filled in part: delete it")
    (folder / "begun").touch()
    began = time.perf_counter()
    world = World(_told(measured, entries, seed))
    with closing(measured.database()) as database:
        _Filling(database, world, progress).fill()
    world.told.write(note)
    progress(f"filled in {time.perf_counter() - began:.0f} s")
    return world


def _told(measured: Measured, entries: int, seed: int) -> Told:
    gates = measured.enrolled([GateKey(f"gate-{number}", Ed25519PrivateKey.generate()) for number in range(GATES)])
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return Told(
        entries=entries,
        seed=seed,
        begin_us=round((now - timedelta(hours=HOURS)).timestamp()) * 1_000_000,
        site=gates[0].site.hex,
        gates=[one.gate.hex for one in gates],
        edges=[one.edge.hex for one in gates],
        lanes=[{name: lane.hex for name, lane in one.lanes.items()} for one in gates],
    )


class _Gate(NamedTuple):
    """Where a gate's entries go."""

    edge: UUID
    gate: UUID
    lanes: dict[str, bytes]
    tally: Tally


class _Filling:
    """One filling of one database."""

    def __init__(self, database: Database, world: World, progress: Progress) -> None:
        self._database, self._world, self._progress = database, world, progress
        self._site = UUID(world.told.site)
        self._making = Making(world)
        self._form = FORMS[database.form]
        self._seqs = [0] * GATES
        self._heads: dict[int, bytes] = {}
        self._pictures: list[dict[str, Any]] = []

    def fill(self) -> None:
        """Fill it."""
        _in_haste(self._database)
        with self._connected() as connection:
            _months(connection, self._world)
            _people(connection, self._site, self._world)
        with self._connected() as connection:
            restored = _without_indexes(connection)
        self._entries()
        with self._connected() as connection:
            _records(connection, self._site, self._world)
            self._plates(connection)
            self._ends(connection)
        self._progress("rows are in")
        for sql in restored:
            with self._connected() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SET maintenance_work_mem = '1GB'"))
                connection.exec_driver_sql(sql)
            self._progress(sql.split(" ON ")[0])
        _analysed(self._database)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._database.writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET statement_timeout = 0"))
            yield connection

    def _ends(self, connection: Connection) -> None:
        """Note how far the epochs go, and that those who follow them have come so far."""
        for number, head in self._heads.items():
            epoch = {"edge_id": UUID(self._world.told.edges[number]), "epoch": EPOCH}
            connection.execute(insert(EdgeHead), [{**epoch, "acked_through": self._seqs[number], "head": head}])
            for cursor in (BoothCursor, ConflictCursor):
                connection.execute(insert(cursor), [{**epoch, "through": self._seqs[number]}])

    def _entries(self) -> None:
        # A day of the site at once: then its counts are written once.
        midnight = -(self._world.told.begin_us // HOUR_US + 8) % 24
        for hour in range(midnight - 24, HOURS, 24):
            gates = [self._gate(number) for number in range(GATES)]
            with self._connected() as connection:
                insert_rows(connection, self._portions(gates, range(max(0, hour), min(hour + 24, HOURS))))
                with Session(connection) as session:
                    for gate in gates:
                        told = read_tally(gate.tally.as_json())._replace(plates=())
                        counting.note(session, self._site, gate.gate, told)
                if self._pictures:
                    connection.execute(insert(Picture), self._pictures)
                    self._pictures.clear()
            if (hour // 24 + 1) % 73 == 0:
                self._progress(f"{hour * 100 // HOURS} % of {self._world.told.entries} entries")

    def _gate(self, number: int) -> _Gate:
        told = self._world.told
        lanes = {name: UUID(lane).bytes for name, lane in told.lanes[number].items()}
        return _Gate(UUID(told.edges[number]), UUID(told.gates[number]), lanes, Tally(ZONE))

    def _portions(self, gates: Sequence[_Gate], hours: range) -> Iterator[Portion]:
        for hour in hours:
            end_us = self._world.told.begin_us + (hour + 1) * HOUR_US
            for number, made in enumerate(self._making.hour(hour)):
                gate = gates[number]
                place = Place(gate.edge.bytes, EPOCH.bytes, self._site.bytes, gate.gate.bytes, end_us, gate.lanes)
                row_of = self._form.row_of(place)
                if hour >= HOURS - PICTURE_HOURS:
                    self._take_pictures(gate.edge, made, end_us)
                for first in range(0, len(made), ROWS_TOGETHER):
                    yield self._portion(number, gate, row_of, made[first : first + ROWS_TOGETHER])

    def _portion(self, number: int, gate: _Gate, row_of: Any, made: Sequence[Made]) -> Portion:
        seq, rows = self._seqs[number], []
        for one in made:
            seq += 1
            rows.append(row_of(one.lane, seq, one.columns, one.kept))
            gate.tally.add(gate.lanes[one.lane], one.columns, one.fields)
        self._seqs[number], self._heads[number] = seq, made[-1].kept.chain_hash
        return Portion(NOWHERE, len(rows), self._form.together(rows), [], "", "", [])

    def _take_pictures(self, edge: UUID, made: Sequence[Made], at_us: int) -> None:
        """Of one in two hundred captures there is no picture."""
        received = datetime.fromtimestamp(at_us / 1e6, UTC)
        for one in made:
            capture = one.columns["capture"]
            if capture and int(capture, 16) % 200:
                digest = capture * 4
                picture = {"capture": capture, "sha256": digest, "camera": "camera-in", "size": 40_000}
                self._pictures.append({"edge_id": edge, **picture, "received_at": received})

    def _plates(self, connection: Connection) -> None:
        known, strangers = self._world.known, self._making.strangers
        plates = [plate(number) for number in range(known + strangers)]
        plates.sort()
        rows = ((self._site, each, each[::-1], folded(each)) for each in plates)
        if connection.dialect.name == "postgresql":
            raw: Any = connection.connection
            with (
                raw.cursor() as cursor,
                cursor.copy("COPY log_plates (site_id, plate, plate_reversed, folded) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            return
        _many(
            connection, LogPlate, (dict(zip(("site_id", "plate", "plate_reversed", "folded"), row, strict=True)) for row in rows)
        )
        connection.execute(
            text("INSERT INTO log_plate_parts (folded, site_id, plate) SELECT folded, site_id, plate FROM log_plates")
        )


def _in_haste(database: Database) -> None:
    """Let SQLite lose everything if this is interrupted; its next connection is as careful as ever."""
    if database.form == "sqlite":
        with closing(database.writer.raw_connection()) as connection:
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "threads = 2"):
                connection.cursor().execute(f"PRAGMA {pragma}")


def _months(connection: Connection, world: World) -> None:
    with Session(connection) as session:
        for month in range(-1, YEARS * 12 + 2, months.AHEAD):
            begin = datetime.fromtimestamp(world.told.begin_us / 1e6, UTC).replace(day=15)
            months.ensure(session, begin + timedelta(days=30.4 * month))
            session.flush()


def _many(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == MANY:
            connection.execute(insert(table), waiting)
            waiting.clear()
    if waiting:
        connection.execute(insert(table), waiting)


def _people(connection: Connection, site: UUID, world: World) -> None:
    """Make companies, persons (a fifth is staff), their vehicles and cards."""
    plain = {"site_id": site, "status": "active", "valid_from": None, "valid_until": None}
    firm = dict.fromkeys(("unit", "licence_number", "qualification_number", "responsible", "phone", "remark"), "")
    companies = (
        {"id": world.company_id(n), **plain, "name": world.company(n), "company_kind": "tenant", **firm}
        for n in range(world.companies)
    )
    _many(connection, Company, companies)
    persons = (
        {
            "id": world.person_id(n),
            **plain,
            "name": world.name(n),
            "unit": "" if n % 5 == 0 else world.unit(n),
            "category": "staff" if n % 5 == 0 else "resident",
            "company_id": world.company_id(n // 5 % world.companies) if n % 5 == 0 else None,
        }
        for n in range(world.persons)
    )
    _many(connection, Person, persons)
    looks = {"colour": "", "vehicle_class": "car", "plate_since": None}
    vehicles = (
        {
            "id": UUID(int=4 << 100 | n),
            **plain,
            "plate": plate(n),
            "folded": folded(plate(n)),
            **looks,
            "person_id": world.person_id(n),
        }
        for n in range(world.known)
    )
    _many(connection, Vehicle, vehicles)
    _many(connection, Card, (_card(world, plain, n) for n in range(world.persons)))


def _card(world: World, plain: dict[str, Any], number: int) -> dict[str, Any]:
    raw = bytes.fromhex(card(number))
    of = {"medium": "card", "raw": raw, "bits": 8 * len(raw), "code": None, "tail": raw.hex()[-4:].upper(), "state": "active"}
    return {"id": UUID(int=5 << 100 | number), **plain, **of, "person_id": world.person_id(number)}


def _records(connection: Connection, site: UUID, world: World) -> None:
    """Make visits, passes and slips, each found by its unit, every third by a firm too."""
    workflows = ("visit", "contractor_pass", "release_slip")
    step = HOURS * HOUR_US // world.records

    def row(n: int) -> dict[str, Any]:
        at = datetime.fromtimestamp((world.told.begin_us + n * step) / 1e6, UTC)
        of = {"workflow": workflows[n % 3], "number": world.number(n), "state": "ended", "data": "{}", "details": {}}
        return {"id": world.record_id(n), "site_id": site, **of, "opened_at": at, "changed_at": at, "due_at": None}

    def keys(n: int) -> Iterator[dict[str, Any]]:
        yield {"record_id": world.record_id(n), "name": "unit", "value": world.unit(n * 7), "site_id": site}
        if n % 3 == 1:
            yield {"record_id": world.record_id(n), "name": "firm", "value": world.company(n % world.companies), "site_id": site}

    _many(connection, WorkflowRecord, (row(n) for n in range(world.records)))
    _many(connection, WorkflowKey, (key for n in range(world.records) for key in keys(n)))


def _without_indexes(connection: Connection) -> list[str]:
    """Drop what can be made anew of indexes and triggers; returns what makes them."""
    restored: list[str] = []
    for table in TABLES:
        if connection.dialect.name == "sqlite":
            asked = "SELECT type, name, sql FROM sqlite_master WHERE type != 'table' AND sql IS NOT NULL AND tbl_name = :name"
            found = [(kind, name, sql) for kind, name, sql in connection.execute(text(asked), {"name": table})]
        else:
            asked = """SELECT 'INDEX', relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid
                       WHERE indrelid = to_regclass(:name) AND NOT indisunique"""
            found = [
                (kind, name, sql.replace(" ON ONLY ", " ON "))
                for kind, name, sql in connection.execute(text(asked), {"name": table})
            ]
        for kind, name, sql in found:
            connection.execute(text(f"DROP {kind} {name}"))
            restored.append(sql)
    return restored


def _analysed(database: Database) -> None:
    """Take statistics; on PostgreSQL clean up too, as it does by itself in its time."""
    if database.form == "sqlite":
        with database.writer.begin() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
        return
    with database.writer.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM ANALYZE")
