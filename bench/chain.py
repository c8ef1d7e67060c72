"""What chain, checkpoints, tree and proofs cost per entry, and how long all stored entries take to verify.

Per entry: processor time of one core, each step beside the bare hash. A checkpoint is for 500 entries. Proofs are made from
stored nodes (SQLite) of a tree of a million leaves. Verified are ten million entries unless fewer are asked for: made by the real
sealing from a story that a gate's own core has played, taken in by the registry's own reading and storing, with checkpoints and
their leaves; `gatehouse-central audit verify` does the same walk. Beside it, in the same run and over as many processes, the very
same rows are read and hashed with SHA-256, and nothing else. The processor time includes PostgreSQL's. Of few entries the second
or two that every walk takes to begin are a large part of `seconds_for_ten_million`: `journal_alone` is without it, one process.

Ten million entries take about 14 GB on SQLite and 26 GB on PostgreSQL, and some 20 minutes to make on two cores. They are made in
a temporary folder, one backend after the other; with `--keep FOLDER` they stay there and are used again (a short path: PostgreSQL
has its socket in it).
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from access.chain import link
from bench.chain_steps import microseconds, steps
from bench.machine import machine
from bench.many_entries import filled
from bench.registry import BACKENDS, Measured, registry_in
from central.config import Settings
from central.database import Database
from central.journal.reader import cores
from central.keys import registry_key
from central.tree.walk import epochs, journal
from central.tree.walk.columns import CANONICAL, CHAIN_HASH
from central.tree.walk.everything import Asked, stretches_of, walk
from central.tree.walk.journal import Stretch
from simulators.load.run import family_cpu_s

ENTRIES, QUICK_ENTRIES = 10_000_000, 20_000
LEAVES, QUICK_LEAVES = 1_000_000, 10_000
JUDGED: Final = 10_000_000
AIM_S: Final = 120.0
# So many stretches are walked over in one process too.
ALONE: Final = 4


class Telling:
    """Says on stderr how far something is, once a second."""

    def __init__(self, what: str) -> None:
        self._what, self._began, self._next = what, time.monotonic(), 0.0

    def __call__(self, done: int, total: int) -> None:
        """Say it."""
        now = time.monotonic()
        if now >= self._next or done == total:
            self._next = now + 1
            pace = done / max(now - self._began, 1e-9)
            print(f"{self._what}: {done:,} of {total:,}, {pace:,.0f}/s", file=sys.stderr, flush=True)


def verified(measured: Measured) -> dict[str, Any]:
    """Walk over everything, then read and hash the same rows."""
    settings = Settings(measured.data, measured.url)
    key = registry_key(measured.data).public_key().public_bytes_raw()
    asked = Asked(settings.database_url(), key, round(time.time() * 1e6))
    processes = cores()
    seen, took = _timed(measured, partial(walk, asked, Telling("verified"), processes))
    if seen.findings:
        raise SystemExit(f"something does not fit: {seen.findings[0].line()}")
    entries = seen.counts["entries"]
    hashed, bare = _timed(measured, partial(_read_only, asked.url, processes))
    assert hashed == entries
    return {
        "processes": processes,
        "counts": seen.counts,
        "walk": _figures(entries, *took),
        "bare_sha256": _figures(entries, *bare),
        "times_bare": round(took[0] / bare[0], 2),
        "times_bare_cpu": round(took[1] / bare[1], 2),
        "journal_alone": _alone(asked.url),
    }


def _alone(url: URL) -> dict[str, float]:
    """Walk over some stretches in this process, and read and hash them: what an entry takes without any beginning."""
    with closing(Database(url, visiting=True)) as database, database.read() as session:
        stretches = [stretch for epoch in epochs.plan(session).epochs for stretch in stretches_of(epoch)][:ALONE]
        entries = sum(stretch.last - stretch.first + 1 for stretch in stretches)
        acts: dict[str, Callable[[Stretch], object]] = {
            "walk_cpu_us_per_entry": partial(journal.walk, session),
            "bare_cpu_us_per_entry": partial(_hashed_in, session),
        }
        return {name: microseconds(partial(_each, act, stretches), entries, 2) for name, act in acts.items()}


def _each(act: Callable[[Stretch], object], stretches: Sequence[Stretch]) -> None:
    for stretch in stretches:
        act(stretch)


def _timed(measured: Measured, act: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """Return what it returns, and seconds by the clock and of processor time, of its processes and PostgreSQL's too."""
    began, cpu = time.perf_counter(), _cpu_s(measured)
    found = act()
    return found, (time.perf_counter() - began, _cpu_s(measured) - cpu)


def _cpu_s(measured: Measured) -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ours = sum(one.ru_utime + one.ru_stime for one in used)
    return ours + (_family_cpu_s(measured.postgres.pid) if measured.postgres else 0.0)


def _family_cpu_s(pid: int) -> float:
    """Return the processor time of a server: its own, that of its processes that have ended, and that of those there are."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    used = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime, stime, cutime, cstime
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return used + sum(family_cpu_s(int(child)) for child in started)


def _figures(entries: int, seconds: float, cpu_s: float) -> dict[str, float]:
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_s, 2),
        "entries_per_s": round(entries / seconds),
        "cpu_us_per_entry": round(cpu_s / entries * 1e6, 2),
        "seconds_for_ten_million": round(seconds / entries * JUDGED, 1),
    }


def _read_only(url: URL, processes: int) -> int:
    """Read all rows as the walk does, and hash them; returns how many."""
    with closing(Database(url, visiting=True)) as database, database.read() as session:
        stretches = [stretch for epoch in epochs.plan(session).epochs for stretch in stretches_of(epoch)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return sum(pool.map(partial(_hashed, url), stretches))


def _hashed(url: URL, stretch: Stretch) -> int:
    with closing(Database(url, visiting=True)) as database, database.read() as session:
        return _hashed_in(session, stretch)


def _hashed_in(session: Session, stretch: Stretch) -> int:
    count, before = 0, None
    for row in journal.rows_of(session, stretch):
        if before is not None and link(before, row[CANONICAL]) != row[CHAIN_HASH]:
            raise SystemExit("a stored entry is not on its chain")
        count, before = count + 1, row[CHAIN_HASH]
    return count


@contextlib.contextmanager
def _folder(kept: Path | None, backend: str) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as made:
            yield Path(made)
        return
    folder = kept.resolve() / backend
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def measure(backends: Sequence[str], entries: int, kept: Path | None, seed: int) -> Iterator[dict[str, Any]]:
    """Make entries, or find them made, and verify them, on each backend."""
    for backend in backends:
        with _folder(kept, backend) as folder, registry_in(folder, backend) as measured:
            made = filled(measured, folder, entries, seed, Telling(f"made on {backend}"))
            yield {"backend": backend, "made": asdict(made), **verified(measured)}


def main() -> int:
    """Measure and print; status 1 where ten million would take longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--entries", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a size for every change; its figures mean little")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the databases stay, to be used again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="as it prints JSON in any case, this changes nothing")
    options = parser.parse_args()
    entries = options.entries or (QUICK_ENTRIES if options.quick else ENTRIES)
    backends = BACKENDS if options.backend == "both" else (options.backend,)
    answer: dict[str, Any] = {"machine": machine()}
    answer["per_entry"] = steps(QUICK_LEAVES if options.quick else LEAVES, options.seed)
    answer["verification"] = list(measure(backends, entries, options.keep, options.seed))
    answer["aim"] = {"seconds_for_ten_million": AIM_S}
    print(json.dumps(answer, indent=2))
    slowest = max(row["walk"]["seconds_for_ten_million"] for row in answer["verification"])
    return int(not options.quick and slowest > AIM_S)


if __name__ == "__main__":
    sys.exit(main())
