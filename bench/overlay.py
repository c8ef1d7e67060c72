"""A card among a million is reported lost: how long until the gate is told, and what it costs to read changes over their base.

Timed from the change's arrival to the snapshot that is announced: installed, built by a pass of its own, mapped. Beside it stand
a whole pass, and decisions upon the whole snapshot and upon changes over it. Ends with status 1 where a must is missed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from access.card import card_hash
from access.contract.records import CardRecord
from access.contract.sync import RulesPage, Upsert
from access.decision import decide
from access.presence import Presence
from access.snapshot import Snapshot
from bench import estate
from bench.decide import presentations
from bench.machine import machine, percentile
from edge.courier.snapshots import Builder, snapshot_path
from edge.store.received import Received
from edge.store.rules import map_snapshot

SIZE, QUICK_SIZE = 1_000_000, 10_000
CHANGES, DECISIONS = 5, 20_000
ANNOUNCED_MUST_S = 2.0


def measure(folder: Path, size: int, seed: int) -> dict[str, Any]:
    """Build all, report cards lost one after another, and decide."""
    estate.write_database(folder / "courier.db", size)
    builder = Builder(folder / "courier.db", folder)
    began = time.monotonic()
    builder.build()
    whole_s = time.monotonic() - began
    whole = map_snapshot(snapshot_path(folder, size))
    with closing(Received(folder / "courier.db")) as received:
        announced_s = [_report_lost(received, builder, folder, number) for number in range(2, 2 + CHANGES)]
    overlaid = map_snapshot(snapshot_path(folder, size + CHANGES))
    presence = estate.presence(size)
    return {
        "size": size,
        "whole_s": round(whole_s, 2),
        "announced_s": round(max(announced_s), 2),
        "file_kb": round(snapshot_path(folder, size + CHANGES).stat().st_size / 1000),
        "decision_us": {
            "whole": _median_us(whole, presence, size, seed),
            "overlaid": _median_us(overlaid, presence, size, seed),
        },
    }


def _report_lost(received: Received, builder: Builder, folder: Path, number: int) -> float:
    hashes = tuple(card_hash(estate.CARD_KEY, form).hex() for form in estate.card_number(number).deliverable())
    card = CardRecord(id=estate.identity("card", number), person=estate.identity("person", number), hashes=hashes, status="lost")
    since = received.revision()
    page = RulesPage(since=since, revision=since + 1, upserts=(Upsert(revision=since + 1, record=card),))
    began = time.monotonic()
    received.begin_arrival()
    received.arrive(page)
    received.install(since + 1, int(time.time()), complete=False)
    builder.build()
    (found,) = map_snapshot(snapshot_path(folder, since + 1)).card(estate.card_number(number))
    took = time.monotonic() - began
    assert found.status == "lost"
    return took


def _median_us(rules: Snapshot, presence: Presence, size: int, seed: int) -> float:
    took = []
    for _, presented in islice(presentations(size, random.Random(seed)), DECISIONS):
        began = time.perf_counter_ns()
        decide(presented, rules.lanes["in-1"], rules, presence, estate.AT)
        took.append(time.perf_counter_ns() - began)
    return round(percentile(took, 0.5) / 1000, 1)


def main() -> None:
    """Measure and print; status 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"a size for every change: {QUICK_SIZE}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        row = measure(Path(folder), QUICK_SIZE if options.quick else SIZE, options.seed)
    if options.json:
        print(json.dumps({**row, "must": {"announced_s": ANNOUNCED_MUST_S}, "machine": machine()}))
    else:
        print(f"{row['size']:>8}  a whole pass {row['whole_s']} s; a lost card announced after {row['announced_s']} s at most")
        print(f"{row['size']:>8}  changes file {row['file_kb']} KB; median decision {row['decision_us']} us")
        print(f"{row['size']:>8}  announced_s {row['announced_s']}  must {ANNOUNCED_MUST_S}", machine())
    sys.exit(row["announced_s"] > ANNOUNCED_MUST_S)


if __name__ == "__main__":
    main()
