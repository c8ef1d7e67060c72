"""How long the registry takes to import residents with a vehicle and a card each, beside its bare database.

Import: one CSV file of so many persons, read, checked against what is there, and put in as `gatehouse-central import` does, with
the audit and the rules for the gates, progress kept with each chunk. Bare: one connection inserts the very rows that this has led
to, read back from it, into a twin of the database as it was before (same tables and indexes, same settings): by the driver's
executemany, one transaction for as many of them as a chunk has. `share` is bare over import by the clock.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple
from uuid import UUID

from bench.machine import machine
from bench.registry import BACKENDS, SITE, Measured, registry_on
from central.access_rules.schemas import LevelWanted
from central.access_rules.services import levels
from central.app import OFFICE_ROUTERS
from central.at_machine import operator
from central.config import Settings
from central.database import Database
from central.files import services
from central.files.cli import GC_THRESHOLD
from central.files.kinds import SheetKind
from central.files.running import run
from central.files.schemas import ImportWanted
from central.migrations import migrate
from central.registry import Registry
from central.sites.schemas import SiteWanted
from central.sites.services import put_site

PERSONS, QUICK_PERSONS = 50_000, 1_000
AIM_S: Final = 60.0
RECORDS_PER_PERSON: Final = 3
# Each table that an import of residents fills, with what of it was there before.
TABLES: Final = {
    "persons": "",
    "person_levels": "",
    "vehicles": "",
    "cards": "",
    "audit_entries": "WHERE kind IN ('persons', 'vehicles', 'cards')",
    "rule_changes": "WHERE kind IN ('person', 'vehicle', 'card')",
    "rule_marks": "WHERE revision > {revision}",
}
JSON_COLUMNS: Final = frozenset({"before", "after"})


class Rows(NamedTuple):
    """Rows of one table: its name, its columns, and the values of each row."""

    table: str
    columns: Sequence[str]
    values: Sequence[Sequence[Any]]


def sheet(persons: int) -> bytes:
    """Return a CSV file of residents."""
    lines = (f"住户{n},{n // 4},住户,粤{'ABCDEFGH'[n // 100_000]}{n % 100_000:05},{n:010}\n" for n in range(persons))
    return ("姓名,房号,权限组,车牌,卡号\n" + "".join(lines)).encode()


def measure(backend: str, persons: int) -> dict[str, Any]:
    """Measure one backend."""
    with registry_on(backend) as measured:
        site, revision = _prepared(measured)
        with closing(measured.twin()) as twin:
            took_s = _imported(measured, site, sheet(persons))
            with closing(measured.database()) as database:
                tables = [_read(database, name, where.format(revision=revision)) for name, where in TABLES.items()]
            gc.collect()
            bare_s = _inserted(twin, tables, chunks=-(-persons // SheetKind.rows_per_chunk))
    rows = sum(len(table.values) for table in tables)
    return {
        "backend": backend,
        "persons": persons,
        "seconds": round(took_s, 1),
        "records_per_s": round(persons * RECORDS_PER_PERSON / took_s),
        "rows": rows,
        "bare_seconds": round(bare_s, 1),
        "bare_rows_per_s": round(rows / bare_s),
        "share": round(bare_s / took_s, 3),
    }


def _prepared(measured: Measured) -> tuple[UUID, int]:
    """Bring the schema up to date and make a site with one level; returns its id and revision."""
    assert OFFICE_ROUTERS, "the routes say which kinds there are"
    with closing(Registry.open(Settings(measured.data, measured.url))) as registry:
        migrate(registry.database)
        with registry.write() as work:
            site = put_site(work, SiteWanted(slug=SITE, name=SITE)).id
            levels.put(work, LevelWanted.model_validate({"site": site, "name": "住户", "grants": [{}]}))
        with registry.read() as work:
            return site, work.session.connection().exec_driver_sql("SELECT revision FROM sites").scalar_one()


def _imported(measured: Measured, site: UUID, data: bytes) -> float:
    """Import the file; seconds by the clock."""
    gc.set_threshold(GC_THRESHOLD)
    with closing(Registry.open(Settings(measured.data, measured.url))) as registry:
        began = time.perf_counter()
        with registry.write(operator()) as work:
            begun = services.begin(work, ImportWanted(kind="residents", site=site), data, by_server=False).id
        run(registry, begun)
        took_s = time.perf_counter() - began
        with registry.read(operator()) as work:
            done = services.get(work, begun)
    assert (done.state, done.created, done.errors) == ("done", done.rows_total, 0), done
    return took_s


def _read(database: Database, table: str, where: str) -> Rows:
    connection = database.reader.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")
        columns = [column[0] for column in cursor.description or ()]
        # As text: the driver would read JSON, and not write it back.
        asked = [f'CAST("{name}" AS TEXT)' if name in JSON_COLUMNS else f'"{name}"' for name in columns]
        cursor.execute(f"SELECT {', '.join(asked)} FROM {table} {where}")
        return Rows(table, columns, cursor.fetchall())
    finally:
        connection.close()


def _inserted(database: Database, tables: Sequence[Rows], chunks: int) -> float:
    """Insert the rows, so many of each table in one transaction; seconds by the clock."""
    is_sqlite = database.form == "sqlite"
    connection = database.writer.raw_connection()
    cursor = connection.cursor()
    began = time.perf_counter()
    for chunk in range(chunks):
        if is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for table in tables:
            size = -(-len(table.values) // chunks)
            names = ", ".join(f'"{name}"' for name in table.columns)
            marks = ", ".join(["?" if is_sqlite else "%s"] * len(table.columns))
            rows = table.values[chunk * size : (chunk + 1) * size]
            cursor.executemany(f"INSERT INTO {table.table} ({names}) VALUES ({marks})", rows)
        connection.commit()
    took_s = time.perf_counter() - began
    connection.close()
    return took_s


def _line(row: dict[str, Any]) -> str:
    figures = f"{row['persons']} persons with vehicle and card in {row['seconds']} s  {row['records_per_s']} records/s"
    return f"{row['backend']:>10}  {figures}  bare {row['rows']} rows in {row['bare_seconds']} s  share {row['share']:.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="a size for every change; its figures mean little")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    rows = []
    for backend in BACKENDS if options.backend == "both" else (options.backend,):
        rows.append(measure(backend, QUICK_PERSONS if options.quick else PERSONS))
        if not options.json:
            print(_line(rows[-1]), flush=True)
    answer = {"rows": rows, "aim_s": AIM_S, "machine": machine()}
    print(json.dumps(answer) if options.json else f"aim {AIM_S} s; {answer['machine']}")
    sys.exit(not options.quick and any(row["seconds"] > AIM_S for row in rows))


if __name__ == "__main__":
    main()
