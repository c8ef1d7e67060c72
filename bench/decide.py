"""Deciding among a thousand, a hundred thousand and a million persons, vehicles and cards: how long, in how much memory.

Each size in a process of its own, as the courier and the gate do it: the building pass reads the courier's database; the gate
maps the file, settles and decides; then new snapshots are mapped, checked and swapped in beside a loop of decisions,
every tenth of which changes the presence. The floor is a loop of bare arithmetic beside a thread that only sums up the file: a
gap that it has too is the machine's. Among the decisions the same arithmetic is timed: so much longer than usual the machine
takes for anything. Beside them stand the same look-ups in a dictionary of objects and in bare SQLite. Ends with
status 1 where a must is missed.
"""

import argparse
import gc
import json
import multiprocessing
import queue
import random
import re
import resource
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from access.case import Presented
from access.confusion import partners
from access.contract.records import AnyRecord, VehicleRecord
from access.decision import decide
from access.presence import Presence
from access.snapshot import Snapshot
from bench import estate
from bench.machine import machine, percentile
from edge.courier.snapshots import Builder, snapshot_path
from edge.gate.precedence import settle, take_precedence
from edge.store.rules import fingerprint, let_go, map_snapshot

DECISIONS, QUICK_DECISIONS = 100_000, 5_000
PEER_SIZE = 100_000
SWAPS = 3
CHANGES_EVERY = 10
RESTS_EVERY, REST_S = 200, 0.005  # the kernel holds up for 50 ms who takes precedence and never waits
FLOOR_EVERY = 10
FLOOR_STEPS = 2500  # of arithmetic: about as long as a decision
SURE = 0.99
MB = 1_000_000

# Which figure of which row must be, and shall be, at most what.
LIMITS: Mapping[str, tuple[float, float]] = {
    "build_s": (60, 20),
    "exact_us": (200, 50),
    "candidates_us": (5000, 1000),
    "resident_mb": (500, 250),
    "pause_ms": (5, 5),
}

_any_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


# --- what is presented ----------------------------------------------------------------------------


def _plate(text: str) -> Presented:
    return Presented("plate", text, text, "in", characters=(SURE,) * len(text))


def _card(number: int) -> Presented:
    card = estate.card_number(number)
    return Presented("card", card.raw.hex(), card.raw.hex(), "in", bits=card.bits)


def _code(number: int) -> Presented:
    return Presented("code", estate.code(number), estate.code(number), "in")


def _credential(number: int) -> Presented:
    return _code(number) if estate.is_code(number) else _card(number)


def _misread(number: int) -> Presented:
    """Present a registered plate with one look-alike read for another, where it has such a character."""
    text = estate.plate(number)
    places = [at for at in range(2, len(text)) if partners(text[at])]
    if not places:
        return _plate(text[:-1])
    at = places[number % len(places)]
    others = sorted(partners(text[at]))
    return _plate(text[:at] + others[number % len(others)] + text[at + 1 :])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of presentation: to which limits it is held, its share of all decisions, and which persons' it may be."""

    limit: str
    percent: int
    present: Callable[[int], Presented]
    of: Callable[[int], bool] = lambda number: estate.category(number) not in ("visitor", "contractor")


def _anyone(_: int) -> bool:
    return True


KINDS: Mapping[str, Kind] = {
    "plate": Kind("exact_us", 30, lambda number: _plate(estate.plate(number))),
    "card": Kind("exact_us", 20, _card, lambda number: not estate.is_code(number)),
    "code": Kind("exact_us", 10, _code, estate.is_code),
    "visitor": Kind("exact_us", 10, _credential, lambda number: estate.category(number) == "visitor"),
    "contractor": Kind("exact_us", 5, _credential, lambda number: estate.category(number) == "contractor"),
    "stranger": Kind("candidates_us", 5, lambda number: _plate(estate.plate(number + estate.STRANGERS_FROM * 2)), _anyone),
    "misread": Kind("candidates_us", 5, _misread, _anyone),
    "cut tail": Kind("candidates_us", 5, lambda number: _plate(estate.plate(number)[:-1]), _anyone),
    "province": Kind("candidates_us", 5, lambda number: _plate("琼" + estate.plate(number)[1:]), _anyone),
    "near block": Kind("candidates_us", 5, lambda number: _misread(estate.STRANGERS_FROM + number % estate.BLOCKS), _anyone),
}


def presentations(size: int, chance: random.Random) -> Iterator[tuple[str, Presented]]:
    """Yield presentations of all kinds by their shares, mixed, for ever."""
    names = [name for name, kind in KINDS.items() for _ in range(kind.percent)]
    while True:
        name = chance.choice(names)
        kind = KINDS[name]
        while not kind.of(number := chance.randrange(size)):
            pass
        yield name, kind.present(number)


# --- one size -------------------------------------------------------------------------------------


def measure(size: int, decisions: int, seed: int) -> dict[str, Any]:
    """Build, map and decide at one size; run it in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = _alone(_build, folder, size)
        return {"size": size, **built, **_alone(_decided, folder, size, decisions, seed)}


def _build(folder: Path, size: int) -> dict[str, Any]:
    estate.write_database(folder / "courier.db", size)
    began = time.monotonic()
    Builder(folder / "courier.db", folder).build()
    took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    file = snapshot_path(folder, size).stat().st_size
    return {"build_s": round(took, 2), "build_peak_mb": round(peak / MB), "file_mb": round(file / MB, 1)}


def _decided(folder: Path, size: int, decisions: int, seed: int) -> dict[str, Any]:
    take_precedence()  # as the gate does; else other programs of this machine would be measured
    path, chance = snapshot_path(folder, size), random.Random(seed)
    empty = _memory(path)
    presence = estate.presence(size)
    at_start = _memory(path)
    load_ms, load_pause_ms, snapshot = _loaded(path)
    settle()
    kinds, outcomes = _timed(snapshot, presence, islice(presentations(size, chance), decisions))
    memory = _memory(path)
    pauses = [_swapping(path, size, snapshot, presence, random.Random(seed + at)) for at in range(SWAPS)]
    return {
        "load_ms": load_ms,
        "load_pause_ms": load_pause_ms,
        "floor": _summary(kinds.pop("floor")),
        "kinds": {name: _summary(took) | {"outcomes": dict(outcomes[name])} for name, took in kinds.items()},
        "before_mb": at_start["resident_mb"],
        "facts_mb": round(at_start["resident_mb"] - empty["resident_mb"], 1),
        **memory,
        "pause_ms": max(pauses),
        "pauses_ms": pauses,
        "floor_pauses_ms": [_floor(path) for _ in range(SWAPS)],
    }


def _loaded(path: Path) -> tuple[float, float, Snapshot]:
    """Map a snapshot beside a loop that only computes; returns how long it took, and that loop's longest gap (ms)."""
    took: list[float] = []
    mapped: list[Snapshot] = []

    def load() -> None:
        began = time.perf_counter()
        mapped.append(map_snapshot(path))
        took.append(time.perf_counter() - began)

    gap_ms = _beside(load, _arithmetic)
    return round(took[0] * 1000, 1), gap_ms, mapped[0]


def _timed(
    snapshot: Snapshot, presence: Presence, presented: Iterator[tuple[str, Presented]]
) -> tuple[dict[str, list[int]], dict[str, Counter[str]]]:
    lane = snapshot.lanes["in-1"]
    took: dict[str, list[int]] = {name: [] for name in (*KINDS, "floor")}
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in KINDS}
    for number, (name, one) in enumerate(presented):
        if number % RESTS_EVERY == 0:
            time.sleep(REST_S)
        if number % FLOOR_EVERY == 0:
            began = time.perf_counter_ns()
            _arithmetic()
            took["floor"].append(time.perf_counter_ns() - began)
        began = time.perf_counter_ns()
        decision = decide(one, lane, snapshot, presence, estate.AT)
        took[name].append(time.perf_counter_ns() - began)
        outcomes[name][decision.reason] += 1
    return took, outcomes


def _swapping(path: Path, size: int, snapshot: Snapshot, presence: Presence, chance: random.Random) -> float:
    """Decide without a pause while a thread maps and hashes the next snapshot as the gate does; returns the longest gap (ms)."""
    ready: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
    mixed = presentations(size, chance)
    changing, left = presence, CHANGES_EVERY

    def step() -> None:
        nonlocal snapshot, changing, left
        _, one = next(mixed)
        decision = decide(one, snapshot.lanes["in-1"], snapshot, changing, estate.AT)
        left -= 1
        if not left:
            left, subject = CHANGES_EVERY, decision.passing.subject
            changing = changing.after([("set", f"at:{subject}", ["", 0])], one.text) if subject else changing
        if not ready.empty():
            snapshot = ready.get()

    def install() -> None:
        before = snapshot
        for copy in copies:
            fresh = map_snapshot(copy)
            fingerprint(copy)
            ready.put(fresh)
            let_go(before)
            before = fresh

    copies = [Path(shutil.copy(path, path.with_suffix(f".{number}"))) for number in range(2)]  # two: one that was used goes too
    longest = _beside(install, step)
    return max(longest, _longest_gap(step, _seconds(0.1)))  # the swap itself, and what it leaves behind


def _floor(path: Path) -> float:
    return _beside(partial(fingerprint, path), _arithmetic)


def _beside(work: Callable[[], object], step: Callable[[], None]) -> float:
    """Return the longest gap of a loop (ms) while a thread does some work."""
    beside = threading.Thread(target=work)
    beside.start()
    return _longest_gap(step, lambda: not beside.is_alive())


def _longest_gap(step: Callable[[], None], is_over: Callable[[], bool]) -> float:
    """Return the longest time from one `step` to the next, rests left out, in milliseconds."""
    longest = 0
    while not is_over():
        time.sleep(REST_S)
        before = time.perf_counter_ns()
        for _ in range(RESTS_EVERY):
            step()
            now = time.perf_counter_ns()
            longest, before = max(longest, now - before), now
    return round(longest / 1e6, 3)


def _arithmetic() -> None:
    total = 0
    for value in range(FLOOR_STEPS):
        total += value * value


def _seconds(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def _memory(path: Path) -> dict[str, float]:
    """Return what is resident of this process: all, of that the mapped file, and what is its own and not the file's (MB)."""
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    said = {name: int(kib) * 1024 / MB for name, kib in re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE)}
    unique = said["Private_Clean"] + said["Private_Dirty"]
    found = {"resident_mb": said["Rss"], "mapped_mb": _mapped(path), "unique_mb": unique, "written_mb": said["Private_Dirty"]}
    return {name: round(value, 1) for name, value in found.items()}


def _mapped(path: Path) -> float:
    """Return how much of a mapped file is resident (MB)."""
    maps = Path("/proc/self/smaps").read_text(encoding="utf-8")
    return sum(int(kib) for kib in re.findall(rf" {re.escape(str(path))}\n(?:.+\n)*?Rss: +(\d+) kB", maps)) * 1024 / MB


# --- peers ----------------------------------------------------------------------------------------


def _dictionary(size: int, lookups: int, seed: int) -> dict[str, Any]:
    before = _memory(Path())["resident_mb"]
    records: dict[str, dict[UUID | None, AnyRecord]] = {kind: {} for kind in ("person", "vehicle", "card")}
    for kind, of, text in estate.rows(size):
        if kind in records:
            records[kind][of] = _any_record.validate_json(text)
    plates = {one.plate: one for one in records["vehicle"].values() if isinstance(one, VehicleRecord)}
    began = time.perf_counter()
    gc.collect()
    collector_ms = round((time.perf_counter() - began) * 1000, 1)
    grown_mb = round(_memory(Path())["resident_mb"] - before, 1)
    found = _lookups(lambda plate: (plates[plate], records["person"][plates[plate].person]), size, lookups, seed)
    return {"peer": "dictionary of objects", "size": size, **found, "grown_mb": grown_mb, "collector_ms": collector_ms}


def _sqlite(size: int, lookups: int, seed: int) -> dict[str, Any]:
    with closing(sqlite3.connect("")) as database:  # a file of its own that goes with it
        for table in ("vehicle", "person"):
            database.execute(f"CREATE TABLE {table} (key TEXT PRIMARY KEY, data TEXT) WITHOUT ROWID")
        for kind, of, text in estate.rows(size):
            if kind in ("vehicle", "person"):
                key = json.loads(text)["plate"] if kind == "vehicle" else str(of)
                database.execute(f"INSERT INTO {kind} VALUES (?, ?)", (key, text))
        database.commit()

        def one(table: str, key: str) -> Any:
            (text,) = database.execute(f"SELECT data FROM {table} WHERE key = ?", (key,)).fetchone()
            return json.loads(text)

        found = _lookups(lambda plate: one("person", one("vehicle", plate)["person"]), size, lookups, seed)
        return {"peer": "bare SQLite", "size": size, **found}


def _lookups(find: Callable[[str], Any], size: int, lookups: int, seed: int) -> dict[str, Any]:
    took, chance = [], random.Random(seed)
    for _ in range(lookups):
        text = estate.plate(chance.randrange(size))
        began = time.perf_counter_ns()
        find(text)
        took.append(time.perf_counter_ns() - began)
    return _summary(took)


def _alone(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Call in a fresh process, so that memory is measured clean."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(partial(work, *arguments)).result()


# --- what is printed ------------------------------------------------------------------------------


def _summary(took_ns: list[int]) -> dict[str, Any]:
    if not took_ns:
        return {"count": 0}
    figures = {"p50_us": percentile(took_ns, 0.5), "p99_us": percentile(took_ns, 0.99), "max_us": max(took_ns)}
    return {"count": len(took_ns), **{name: round(value / 1000, 1) for name, value in figures.items()}}


def verdicts(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Hold one size's figures against the limits: of decisions both the median and the 99th percentile of the slowest kind."""
    for name, (must, aim) in LIMITS.items():
        if name in row:
            yield {"what": name, "size": row["size"], "figure": row[name], "must": must, "aim": aim}
            continue
        kinds = [figures for kind, figures in row["kinds"].items() if KINDS[kind].limit == name and figures["count"]]
        for share in ("p50_us", "p99_us"):
            worst = max(figures[share] for figures in kinds)
            yield {"what": f"{name.removesuffix('us')}{share}", "size": row["size"], "figure": worst, "must": must, "aim": aim}


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    size = row["size"]
    yield f"{size:>8}  build {row['build_s']} s, at most {row['build_peak_mb']} MB; file {row['file_mb']} MB"
    yield f"{size:>8}  load {row['load_ms']} ms, longest gap of a thread beside it {row['load_pause_ms']} ms"
    yield f"{size:>8}  {'floor':<11} {_times(row['floor'])}"
    for name, figures in row["kinds"].items():
        if figures["count"]:
            reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(figures["outcomes"].items()))
            yield f"{size:>8}  {name:<11} {_times(figures)}  {reasons}"
    yield (
        f"{size:>8}  resident {row['resident_mb']} MB: mapped file {row['mapped_mb']} MB, before it {row['before_mb']} MB"
        f" (facts of those inside {row['facts_mb']} MB); unique {row['unique_mb']} MB, of that written {row['written_mb']} MB"
    )
    yield f"{size:>8}  longest gaps while snapshots are swapped {row['pauses_ms']} ms; floor {row['floor_pauses_ms']} ms"


def _times(figures: Mapping[str, Any]) -> str:
    return "  ".join(f"{share} {figures[f'{share}_us']:8.1f} us" for share in ("p50", "p99", "max"))


def main() -> None:
    """Measure and print; status 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="how many persons, vehicles and cards, with commas")
    parser.add_argument("--quick", action="store_true", help="a size for every change: 1000, and fewer decisions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    sizes = [1000] if options.quick else [int(size) for size in options.sizes.split(",")]
    decisions, peer_size = (QUICK_DECISIONS, 1000) if options.quick else (DECISIONS, PEER_SIZE)
    rows = []
    for size in sizes:
        rows.append(measure(size, decisions, options.seed))
        if not options.json:
            print(*_lines(rows[-1]), sep="\n", flush=True)
    beside = [_alone(peer, peer_size, decisions, options.seed) for peer in (_dictionary, _sqlite)]
    judged = [verdict for row in rows for verdict in verdicts(row)]
    if options.json:
        print(json.dumps({"rows": rows, "peers": beside, "verdicts": judged, "machine": machine()}))
    else:
        print(*map(json.dumps, beside), *map(_verdict_line, judged), machine(), sep="\n")
    sys.exit(any(verdict["figure"] > verdict["must"] for verdict in judged))


def _verdict_line(verdict: Mapping[str, Any]) -> str:
    figure, must, aim = verdict["figure"], verdict["must"], verdict["aim"]
    said = "MISSED" if figure > must else "aim" if figure <= aim else "must"
    return f"{verdict['size']:>8}  {verdict['what']:<18} {figure:>9}  must {must:>5}  aim {aim:>5}  {said}"


if __name__ == "__main__":
    main()
