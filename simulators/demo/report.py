"""The figures of a run, from both ledgers and the truth of the world, and what is wrong with them. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from access.sealing import Opened
from simulators.demo.ledgers import Ledgers
from simulators.traffic.truth import Visit, plate_before

OUTCOMES: Final = ("grant", "deny", "refer")
ALL_WIRES_AFTER_S: Final = 30.0
ALL_OUTCOMES_AFTER_S: Final = 60.0
GUARD_REASONS: Final = ("guard_admitted", "guard_opened")
Spread = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a run beside the ledgers. `cameras`: lane by camera. `wires`: what each device counted and was sent."""

    began_utc: float
    lasted_s: float
    visits: tuple[Visit, ...]
    cameras: Mapping[str, str]
    touched: int
    wires: Mapping[str, Mapping[str, Any]]


def make_report(ledgers: Ledgers, run: Run) -> dict[str, Any]:
    """Return the figures; whole ledgers are compared, all else is of this run alone."""
    entries = entries_since(ledgers, run.began_utc)
    decided = [entry.fields["outcome"] for entry in _of(entries, "decision")]
    passages = {entry.passage for entry in entries if entry.passage}
    reads = [entry for entry in _of(entries, "reading") if entry.fields["medium"] == "plate"]
    return {
        "passages": len(passages),
        "granted": decided.count("grant"),
        "denied": decided.count("deny"),
        "referred": decided.count("refer"),
        "journal_entries": len(ledgers.journal),
        "central_entries": len(ledgers.registry),
        "lost": ledgers.lost,
        "duplicated": ledgers.duplicated,
        "plate_reads": len(reads),
        "plate_reads_wrong": sum(1 for read in reads if not _is_read_right(read, run)),
        "reading_to_barrier_ms": spread([e.fields["took_us"] / 1000 for e in _of(entries, "outcome") if e.fields["took_us"]]),
        "event_to_central_ms": spread(_delays_ms(ledgers, run)),
        "unclosed_passages": len(unclosed(entries)),
        "wires": {device: {"entries": used, **run.wires[device]} for device, used in _use(entries, run).items()},
        "faults": faults(ledgers, entries, run),
    }


def faults(ledgers: Ledgers, entries: Sequence[Opened], run: Run) -> list[str]:
    """Say in words everything that must not be; empty where all is well."""
    decisions = _of(entries, "decision")
    said = [
        (ledgers.lost, "entries of the journal are not at the registry as they were written"),
        (ledgers.duplicated, "entries are stored twice"),
        (ledgers.quarantined, "entries were put into quarantine by the registry"),
        (len(unclosed(entries)), "passages have no end"),
        (run.touched, "times an arm came down on a vehicle"),
        (sum(1 for entry in decisions if _opened_by_wrong_plate(entry, run)), "grants by a plate that was not there"),
        (sum(1 for visit in run.visits if not _is_accounted(visit, decisions)), "passed without a grant that let them"),
    ]
    found = [f"{count} {what}" for count, what in said if count]
    if run.lasted_s >= ALL_WIRES_AFTER_S:
        found += [f"nothing came over {device}" for device, used in _use(entries, run).items() if not used]
    if run.lasted_s >= ALL_OUTCOMES_AFTER_S:
        outcomes = {entry.fields["outcome"] for entry in decisions}
        found += [f"not one {outcome} was decided" for outcome in OUTCOMES if outcome not in outcomes]
    return found


def entries_since(ledgers: Ledgers, utc: float) -> list[Opened]:
    """Return the journal's entries from `utc` (seconds) on."""
    return [written.entry for written in ledgers.journal if written.entry.stamp.utc_us >= utc * 1e6]


def unclosed(entries: Sequence[Opened]) -> set[str]:
    """Return the passages that have no end."""
    return {entry.passage for entry in entries if entry.passage} - {entry.passage for entry in _of(entries, "passage")}


def spread(values: Sequence[float]) -> Spread:
    """Return median and 99th percentile (nearest rank), None where there is nothing."""
    ordered = sorted(values)

    def at(share: float) -> float | None:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3) if ordered else None

    return {"p50": at(0.5), "p99": at(0.99)}


def _of(entries: Sequence[Opened], kind: str) -> list[Opened]:
    return [entry for entry in entries if entry.kind == kind]


def _use(entries: Sequence[Opened], run: Run) -> dict[str, int]:
    """Return of each device how often it was read or obeyed a command."""
    used = [
        entry.fields["device"] for entry in entries if entry.kind == "reading" or (entry.kind == "outcome" and entry.fields["ok"])
    ]
    return {device: used.count(device) for device in run.wires}


def _is_read_right(reading: Opened, run: Run) -> bool:
    lane = run.cameras[reading.fields["device"]]
    return bool(reading.fields.get("text") == plate_before(run.visits, lane, reading.stamp.mono_us / 1e6))


def _opened_by_wrong_plate(decision: Opened, run: Run) -> bool:
    by_plate = decision.fields["outcome"] == "grant" and decision.fields["medium"] == "plate"
    return by_plate and not _is_read_right(decision, run)


def _is_accounted(visit: Visit, decisions: Sequence[Opened]) -> bool:
    """Tell whether who passed had a grant meanwhile; the guard's, where the rules alone give no right."""
    if not visit.passed:
        return True
    grants = [
        entry.fields["reason"]
        for entry in decisions
        if entry.lane == visit.lane
        and entry.fields["outcome"] == "grant"
        and visit.began <= entry.stamp.mono_us / 1e6 <= visit.ended
    ]
    return any(visit.own_right or reason in GUARD_REASONS for reason in grants)


def _delays_ms(ledgers: Ledgers, run: Run) -> list[float]:
    stored = ledgers.stored()
    return [
        (stored[written.key].at - datetime.fromtimestamp(written.entry.stamp.utc_us / 1e6, UTC)).total_seconds() * 1000
        for written in ledgers.journal
        if written.key in stored and written.entry.stamp.utc_us >= run.began_utc * 1e6
    ]
