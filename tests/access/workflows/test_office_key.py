"""Keys that the office keeps: lent to somebody for a time, back, lost and found, given to the owner."""

from dataclasses import replace

import pytest

from access.workflows import office_key
from access.workflows.events import Event
from access.workflows.office_key import WORKFLOW, KeyGiven, KeyLent, KeyLost, KeyMoved, KeyReturned, KeyTaken, Loan, OfficeKey
from tests.access.workflows.cast import REGISTRAR, at, codes, facts, refused, told
from tests.access.workflows.matrix import matrix

LOAN = Loan("王师傅", "水管维修", at(8))
TAKEN = KeyTaken(at=at(1), by=REGISTRAR, unit="3-1201", label="大门", place="A12", owner="李小明")
MOVED = KeyMoved(at=at(2), by=REGISTRAR, place="B3")
LENT = KeyLent(at=at(3), by=REGISTRAR, loan=LOAN)
RETURNED = KeyReturned(at=at(4), by=REGISTRAR, remark="完好")
LOST = KeyLost(at=at(4), by=REGISTRAR, reason="王师傅报失")
GIVEN = KeyGiven(at=at(5), by=REGISTRAR, to="李小明")

PATHS: dict[str, list[Event]] = {
    "new": [],
    "kept": [TAKEN],
    "lent": [TAKEN, LENT],
    "lost": [TAKEN, LENT, LOST],
    "given": [TAKEN, GIVEN],
}
SAMPLES: list[Event] = [TAKEN, MOVED, LENT, RETURNED, LOST, GIVEN]
TABLE = """
             new   kept   lent   lost  given
KeyTaken     kept  .      .      .     .
KeyLent      .     lent   .      .     .
KeyLost      .     lost   lost   .     .
KeyGiven     .     given  given  .     .
KeyMoved     .     =      .      .     .
KeyReturned  .     .      kept   kept  .
"""


def test_every_event_in_every_state() -> None:
    assert matrix(WORKFLOW, PATHS, SAMPLES) == TABLE.strip("\n")


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (replace(LENT, loan=replace(LOAN, to=" ")), "holder_missing"),
        (replace(LENT, loan=replace(LOAN, due_back=at(3))), "due_back_missing"),
        (replace(LENT, loan=Loan("王师傅")), "due_back_missing"),
        (replace(LOST, reason=""), "reason_missing"),
        (replace(GIVEN, to=""), "holder_missing"),
        (RETURNED, "not_now"),
    ],
)
def test_guards(event: Event, code: str) -> None:
    assert refused(WORKFLOW, told(WORKFLOW, [TAKEN]), event) == code


def test_who_has_it() -> None:
    assert told(WORKFLOW, [TAKEN, MOVED, LENT]) == OfficeKey("lent", "3-1201", "大门", "B3", "李小明", LOAN)
    assert told(WORKFLOW, PATHS["lost"]).loan == LOAN
    assert told(WORKFLOW, [*PATHS["lost"], RETURNED]).loan is None


def test_two_desks_lend_one_key() -> None:
    recorded = [*facts("desk-1", TAKEN, LENT), *facts("desk-2", replace(LENT, at=at(3.5), loan=replace(LOAN, to="张三")))]
    assert (office_key.reconcile(recorded)[0].loan, codes(WORKFLOW, recorded)) == (LOAN, ["out_of_order"])
