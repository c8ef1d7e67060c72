"""What it takes to export the log: rows a second, and the memory of the serving program, over real HTTP.

The log has so many passages of persons with hostile names (formulas, marks of direction, characters that no sheet takes); the
first of them were taken in as a gate's are, and copied in the database after that. A client reads slowly and goes away, another
reads a CSV file of all as fast as it can, and a workbook of all is made beside and fetched. `peak_mb` is the most memory that the
serving program ever had (VmHWM: with its start, and with pages of libraries, which it shares with others), `idle_mb` what it has
before the first export, `grown_mb` the difference; `own_mb` is what it has for itself in the end (RssAnon). `maker_peak_mb` is
the most of the process that makes the workbook. Bare: `csv.writer` writes the cells of the first rows again, from memory into
nowhere.
"""

import argparse
import csv
import http.client
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import text

from access.entries import Decided, PassageEnded
from bench.machine import machine
from bench.many_entries import filled
from bench.registry import BACKENDS, Measured, registry_on
from central.config import OFFICE_PREFIX, Settings
from central.files.cells import quoted
from central.registry import Registry
from central.users import services as users
from simulators.demo.waiting import within
from simulators.load.story import Line

ROWS, QUICK_ROWS = 1_000_000, 4_000
# So many passages are taken in one by one; a passage is a decision and its end.
TAKEN_IN: Final = 20_000
MUST_MB: Final = 200
SLOW_S, SLOW_BYTES_PER_S = 10.0, 1 << 18
BARE_ROWS: Final = 50_000
HOSTILE: Final = (
    '=HYPERLINK("http://evil.example/{n}","{n}")',
    "+cmd|' /C calc'!A{n}",
    "-2+3+cmd|' /C calc'!A{n}",
    "@SUM({n}+1)*cmd|' /C calc'!A0",
    "＝1+{n}",
    "\t=1+{n}",
    "\r\n=1+{n}",
    "\x00=1+{n}",
    "\u202egpj.{n}",
    '"=1+{n}',
    'x","=1+{n}',
    "李小明{n}",
)
REASON: Final = {"Gatehouse-Reason": quote("性能测量")}
COPY: Final = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "gen_random_uuid()",
}


def story(passages: int) -> Iterator[Line]:
    """Yield passages of persons with hostile names, no two alike."""
    for n in range(passages):
        name, plate = HOSTILE[n % len(HOSTILE)].format(n=n), f"粤B{n % 100_000:05}"
        decided = Decided(
            outcome="grant",
            reason="access_ok",
            medium="plate",
            device="camera-in",
            revision=1,
            direction="in",
            category="resident",
            text=plate,
            holder=name,
            unit=f"{n % 40}-{n % 2000}",
            values={"shown": plate, "holder": name, "unit": f"{n % 40}-{n % 2000}"},
        )
        yield Line("in-1", str(n), decided)
        yield Line("in-1", str(n), PassageEnded("passed", "in", vehicles=1, text=plate, plate=plate))


def measure(backend: str, rows: int) -> dict[str, Any]:
    """Measure one backend."""
    with registry_on(backend) as measured, tempfile.TemporaryDirectory() as folder:
        taken_in = min(rows, TAKEN_IN)
        filled(measured, Path(folder), 2 * taken_in, 0, lambda _done, _all: None, tuple(story(taken_in)))
        _copied(measured, taken_in, -(-rows // taken_in))
        token = _token(measured)
        with measured.served() as (port, pid):
            return {"backend": backend} | _measured(Office(port, token), pid, taken_in * -(-rows // taken_in))


def _copied(measured: Measured, taken_in: int, times: int) -> None:
    """Have each entry so many times, each time later and of another passage."""
    with closing(measured.database()) as database, database.writer.begin() as connection:
        columns = [row[0] for row in connection.execute(text("SELECT * FROM journal_entries LIMIT 0")).cursor.description]
        step = 10_000_000 * 2 * taken_in
        changed = {
            "id": COPY[database.form],
            "seq": f"seq + :copy * {2 * taken_in}",
            "at_us": f"at_us + :copy * {step}",
            "passage": "passage || '-' || :name",
        }
        names, values = ", ".join(columns), ", ".join(changed.get(name, name) for name in columns)
        where = f"seq <= {2 * taken_in}"
        for copy in range(1, times):
            statement = f"INSERT INTO journal_entries ({names}) SELECT {values} FROM journal_entries WHERE {where}"
            connection.execute(text(statement), {"copy": copy, "name": str(copy)})


def _token(measured: Measured) -> str:
    with closing(Registry.open(Settings(measured.data, measured.url))) as registry, registry.write() as work:
        user = users.add_user(work, "bench", "site_manager")
        return users.sign_in_by_link(work, users.link_for(work, user)).token


class Office:
    """A client of the served registry."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}", **REASON}

    @contextmanager
    def asked(self, method: str, path: str, body: Any = None) -> Iterator[http.client.HTTPResponse]:
        """Give a reply, to be read; AssertionError where it is a refusal."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        try:
            connection.request(method, OFFICE_PREFIX + path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            assert reply.status < 300, reply.read()
            yield reply
        finally:
            connection.close()

    def told(self, method: str, path: str, body: Any = None) -> Any:
        """Return what a reply says."""
        with self.asked(method, path, body) as reply:
            return json.loads(reply.read())


def _measured(office: Office, pid: int, rows: int) -> dict[str, Any]:
    office.told("GET", "/log")
    figures: dict[str, Any] = {"rows": rows, "idle_mb": _memory_mb(pid, "VmRSS")}
    figures |= _slowly(office, pid)
    figures |= _fast(office, pid, rows)
    figures |= _beside(office, pid, rows)
    peak_mb = _memory_mb(pid, "VmHWM")
    return figures | {
        "peak_mb": peak_mb,
        "grown_mb": round(peak_mb - figures["idle_mb"], 1),
        "own_mb": _memory_mb(pid, "RssAnon"),
    }


def _slowly(office: Office, pid: int) -> dict[str, Any]:
    """Read slowly for a while, and go away in the middle; how long until the registry knows."""
    with office.asked("GET", "/log.csv?language=en") as reply:
        until = time.monotonic() + SLOW_S
        while time.monotonic() < until and reply.read(SLOW_BYTES_PER_S // 10):
            time.sleep(0.1)
    left = time.monotonic()
    acts = ("broken_off", "exported")
    within(lambda: any(each["act"] in acts for each in office.told("GET", "/audit?kind=log_exports")["items"]), 30)
    return {"slow_peak_mb": _memory_mb(pid, "VmHWM"), "left_s": round(time.monotonic() - left, 2)}


def _fast(office: Office, pid: int, rows: int) -> dict[str, Any]:
    first: list[list[str]] = []
    began, size, count = time.perf_counter(), 0, -1
    with office.asked("GET", "/log.csv?language=en") as reply:
        lines = io.TextIOWrapper(reply, "utf-8-sig", newline="")
        for row in csv.reader(lines):
            count += 1
            size += sum(map(len, row))
            assert not [cell for cell in row if cell[:1] != "'" and quoted(cell) != cell], row
            if len(first) < BARE_ROWS:
                first.append(row)
    took_s = time.perf_counter() - began
    assert count == rows, (count, rows)
    return {
        "csv_s": round(took_s, 1),
        "csv_rows_per_s": round(rows / took_s),
        "csv_characters": size,
        "csv_peak_mb": _memory_mb(pid, "VmHWM"),
        "bare_rows_per_s": round(_bare(first)),
    }


def _bare(rows: Sequence[Sequence[str]]) -> float:
    began = time.perf_counter()
    with Path("/dev/null").open("w", encoding="utf-8", newline="") as nowhere:
        csv.writer(nowhere).writerows(rows)
    return len(rows) / (time.perf_counter() - began)


def _beside(office: Office, pid: int, rows: int) -> dict[str, Any]:
    """Have a workbook made beside, and fetch it."""
    began = time.perf_counter()
    wanted = {"form": "xlsx", "language": "en", "purpose": "bench"}
    place = f"/log/exports/{office.told('POST', '/log/exports', wanted)['id']}"
    seen: list[Any] = []
    peaks: list[float] = []

    def ended() -> bool:
        seen.append(office.told("GET", place))
        peaks.extend(_memory_mb(child, "VmHWM") for child in _children(pid))
        return seen[-1]["state"] in ("done", "failed")

    within(ended, 3600)
    took_s, done = time.perf_counter() - began, seen[-1]
    assert (done["state"], done["rows_done"]) == ("done", rows), done
    size = 0
    with office.asked("GET", f"{place}/file") as reply:
        while block := reply.read(1 << 16):
            size += len(block)
    assert size == done["size"]
    return {
        "xlsx_s": round(took_s, 1),
        "xlsx_rows_per_s": round(rows / took_s),
        "xlsx_bytes": size,
        "xlsx_steps": len({each["rows_done"] for each in seen}),
        "maker_peak_mb": max(peaks, default=0),
        "xlsx_peak_mb": _memory_mb(pid, "VmHWM"),
    }


def _children(pid: int) -> list[int]:
    """Return the processes that a program has begun, such as the one that makes exports."""
    return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def _memory_mb(pid: int, name: str) -> float:
    """Return what a process has, nothing where it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:")), 0)
    return round(int(kib) * 1024 / 1e6, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--rows", type=int, default=ROWS, help="how many rows the log has")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} rows: a size for every change")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = []
    for backend in BACKENDS if options.backend == "both" else (options.backend,):
        found.append(measure(backend, QUICK_ROWS if options.quick else options.rows))
        if not options.json:
            print("\n".join(f"{name:>18}  {value}" for name, value in found[-1].items()), flush=True)
    answer = {"found": found, "must_mb": MUST_MB, "machine": machine()}
    print(json.dumps(answer) if options.json else f"must: under {MUST_MB} MB; {answer['machine']}")
    sys.exit(any(each["peak_mb"] >= MUST_MB for each in found))


if __name__ == "__main__":
    main()
