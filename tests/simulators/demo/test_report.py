"""The account of a run: figures from both ledgers, and every planted fault found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from access.entries import Body, CommandEnded, Decided, Entry, PassageEnded, ReadingTaken, Stamp
from access.sealing import Opened, seal, unseal
from simulators.demo.ledgers import Ledgers, Received, Written
from simulators.demo.report import Run, make_report, spread
from simulators.traffic.truth import Visit

EDGE, EPOCH = UUID(int=1), UUID(int=2)
BEGAN_UTC = 1_772_000_000
PLATE = "苏A12345"
VISIT = Visit("in-1", "resident", own_right=True, plate=PLATE, began=100.0, ended=110.0, passed=True)


def entry(seq: int, body: Body, *, mono: float = 105.0, passage: str = "p1", lane: str = "in-1") -> Opened:
    stamp = Stamp(round(mono * 1e6), round((BEGAN_UTC + mono - 100) * 1e6))
    sealed = seal(Entry(EDGE, EPOCH, seq, UUID(int=1000 + seq), stamp, body, lane, passage), bytes)
    return unseal(sealed.canonical, sealed.personal)


def decided(outcome: str = "grant", reason: str = "access_ok", medium: str = "plate", text: str = PLATE) -> Decided:
    return Decided(outcome, reason, medium, "camera-in", 1, "in", text=text)


def ledgers(*bodies: Body) -> Ledgers:
    entries = [entry(seq, body) for seq, body in enumerate(bodies, 1)]
    journal = tuple(Written((EPOCH, one.seq), bytes([one.seq]), one) for one in entries)
    registry = tuple(
        Received(
            written.key,
            written.entry.id,
            written.hash,
            datetime.fromtimestamp(written.entry.stamp.utc_us / 1e6, UTC) + timedelta(milliseconds=10 * written.entry.seq),
        )
        for written in journal
    )
    return Ledgers(journal, registry, quarantined=0)


GOOD = (
    ReadingTaken("camera-in", "plate", text=PLATE),
    decided(),
    CommandEnded("io", "c1", ok=True, took_us=4000),
    PassageEnded("passed", "in", 1),
)
RUN = Run(
    began_utc=BEGAN_UTC,
    lasted_s=20.0,
    visits=(VISIT,),
    cameras={"camera-in": "in-1"},
    touched=0,
    wires={"camera-in": {"frames": 7}, "io": {"frames": 9}},
)


def test_figures_of_a_good_run() -> None:
    report = make_report(ledgers(*GOOD), RUN)
    assert report == {
        "passages": 1,
        "granted": 1,
        "denied": 0,
        "referred": 0,
        "journal_entries": 4,
        "central_entries": 4,
        "lost": 0,
        "duplicated": 0,
        "plate_reads": 1,
        "plate_reads_wrong": 0,
        "reading_to_barrier_ms": {"p50": 4.0, "p99": 4.0},
        "event_to_central_ms": {"p50": 20.0, "p99": 40.0},
        "unclosed_passages": 0,
        "wires": {"camera-in": {"entries": 1, "frames": 7}, "io": {"entries": 1, "frames": 9}},
        "faults": [],
    }


def faults(books: Ledgers, run: Run = RUN) -> list[str]:
    found: list[str] = make_report(books, run)["faults"]
    return found


def test_lost_and_altered_entries_are_found() -> None:
    good = ledgers(*GOOD)
    altered = (replace(good.registry[0], hash=b"other"), *good.registry[2:])
    assert faults(replace(good, registry=altered)) == ["2 entries of the journal are not at the registry as they were written"]


def test_doubled_entries_are_found() -> None:
    good = ledgers(*GOOD)
    assert faults(replace(good, registry=(*good.registry, good.registry[0]))) == ["1 entries are stored twice"]


def test_quarantined_entries_are_found() -> None:
    assert faults(replace(ledgers(*GOOD), quarantined=3)) == ["3 entries were put into quarantine by the registry"]


def test_open_passage_is_found() -> None:
    assert faults(ledgers(*GOOD[:-1])) == ["1 passages have no end"]


def test_touched_vehicle_is_found() -> None:
    assert faults(ledgers(*GOOD), replace(RUN, touched=1)) == ["1 times an arm came down on a vehicle"]


def test_wrong_plate_that_opened_is_found() -> None:
    wrong = "苏A12346"
    books = ledgers(ReadingTaken("camera-in", "plate", text=wrong), decided(text=wrong), *GOOD[2:])
    assert make_report(books, RUN)["plate_reads_wrong"] == 1
    assert faults(books) == ["1 grants by a plate that was not there"]


@pytest.mark.parametrize(
    ("own_right", "bodies", "fine"),
    [
        (True, [decided()], True),
        (True, [decided("deny", "blocked")], False),
        (True, [], False),
        (False, [decided("refer", "unknown_refer"), decided(reason="guard_admitted", medium="guard")], True),
        (False, [decided()], False),
    ],
)
def test_who_passed_needs_a_grant_that_let_them(own_right: bool, bodies: list[Body], fine: bool) -> None:
    run = replace(RUN, visits=(replace(VISIT, own_right=own_right),))
    found = faults(ledgers(*bodies, GOOD[-1]), run)
    assert found == ([] if fine else ["1 passed without a grant that let them"])


def test_grant_of_another_moment_does_not_count() -> None:
    run = replace(RUN, visits=(VISIT, replace(VISIT, began=120.0, ended=125.0)))
    assert faults(ledgers(*GOOD), run) == ["1 passed without a grant that let them"]


def test_long_run_must_use_every_wire_and_show_every_outcome() -> None:
    run = replace(RUN, lasted_s=60.0, wires={**RUN.wires, "reader-in": {}})
    assert faults(ledgers(*GOOD), run) == [
        "nothing came over reader-in",
        "not one deny was decided",
        "not one refer was decided",
    ]


def test_entries_of_an_earlier_run_are_compared_but_not_counted() -> None:
    report: dict[str, Any] = make_report(ledgers(*GOOD), replace(RUN, began_utc=BEGAN_UTC + 60, visits=()))
    assert (report["journal_entries"], report["passages"], report["plate_reads"]) == (4, 0, 0)
    assert report["event_to_central_ms"] == {"p50": None, "p99": None}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], {"p50": None, "p99": None}),
        ([5], {"p50": 5, "p99": 5}),
        ([3, 1, 2], {"p50": 2, "p99": 3}),
        (list(range(1, 101)), {"p50": 50, "p99": 99}),
    ],
)
def test_spread_is_by_nearest_rank(values: list[float], expected: dict[str, float | None]) -> None:
    assert spread(values) == expected
