from dataclasses import replace

import pytest

from edge.booth_messages import CandidateView
from edge.config import GateConfig
from edge.desk import presentation
from edge.desk.presentation import plate_characters, plate_pieces
from edge.desk.situation import Situation
from tests.edge.desk.wire import lane_view


def config(lanes: int) -> GateConfig:
    barrier = {"device": "io"}
    return GateConfig.model_validate(
        {
            "gate": {"site": "lakeside", "name": "east"},
            "device": [{"id": "io", "protocol": "modbus-rtu", "url": "serial:///dev/null"}],
            "lane": [
                {"id": f"lane-{at}", "kind": "vehicle", "direction": "in", "barrier": barrier | {"open": {"coil": at}}}
                for at in range(lanes)
            ],
        }
    )


@pytest.mark.parametrize("lanes", [1, 8, 18, 30])
def test_lane_letters_are_single_and_leave_the_pages_theirs(lanes: int) -> None:
    shown = presentation.lanes_shown(config(lanes), Situation([]))
    letters = [lane.letter for lane in shown if lane.letter]
    assert len(shown) == lanes
    assert len(letters) == len(set(letters)) == min(lanes, len(presentation.LANE_LETTERS))
    assert not set(letters) & set("BDEGHPV")


def test_refers_are_shown_oldest_first() -> None:
    situation = Situation(f"lane-{at}" for at in range(4))
    for at, (state, since) in enumerate([("referred", 30.0), ("idle", 1.0), ("referred", 10.0), ("referred", 20.0)]):
        view = replace(lane_view(), lane=f"lane-{at}", state=state, waiting_since_mono=since)
        situation.take(view, utc=1.0)
    lanes = presentation.lanes_shown(config(4), situation)
    assert [lane.id for lane in presentation.refers(lanes)] == ["lane-2", "lane-3", "lane-0"]


def test_who_can_be_taken_back_stands_as_they_were_asked_about() -> None:
    asked = lane_view(state="referred", reason="similar", passage="p1", waiting_since_mono=2.0)
    turned = replace(asked, state="denied", reason="guard_refused", undo_act="refuse", undo_guard="g1", undo_until_mono=9.0)
    asked, turned = (replace(view, lane="lane-0") for view in (asked, turned))
    situation = Situation(["lane-0"])
    for view in (asked, turned):
        situation.take(view, utc=1.0)
    lanes = presentation.lanes_shown(config(1), situation)
    (shown,) = presentation.refers(lanes, situation.asked, "g1", 8.0)
    assert shown.view == replace(asked, undo_act="refuse", undo_guard="g1", undo_until_mono=9.0)
    assert presentation.refers(lanes, situation.asked, "g1", 9.0) == presentation.refers(lanes, situation.asked, "g2", 8.0) == []
    situation.take(replace(turned, passage="p2"), utc=1.0)
    (other,) = presentation.refers(presentation.lanes_shown(config(1), situation), situation.asked, "g1", 8.0)
    assert other.view is not None
    assert other.view.state == "denied"


@pytest.mark.parametrize(
    ("state", "waiting", "expected"), [("idle", 5.0, 0.0), ("open", 5.0, 0.0), ("waiting", 5.0, 5.0), ("referred", 0.0, 9.0)]
)
def test_who_waits_and_since_when(state: str, waiting: float, expected: float) -> None:
    view = replace(lane_view(), state=state, waiting_since_mono=waiting, since_mono=9.0)
    assert presentation.waiting_since(view) == expected


@pytest.mark.parametrize(
    ("plate", "text", "dots"),
    [("粤B12D45", "粤B12D45", [1]), ("粤B·12D45", "粤B12D45", [1]), ("WJ1234", "WJ1234", []), ("", "", []), ("粤B1", "粤B1", [])],
)
def test_a_plate_is_drawn_with_its_dot(plate: str, text: str, dots: list[int]) -> None:
    characters = plate_characters(plate)
    assert "".join(character.text for character in characters) == text
    assert [at for at, character in enumerate(characters) if character.dot] == dots


def test_characters_of_a_plate_are_put_together_where_none_needs_a_mark() -> None:
    pieces = [(piece.text, piece.doubtful, piece.dot) for piece in plate_pieces("粤B·12D456", {4, 7})]
    assert pieces == [("粤B", False, True), ("12", False, False), ("D", True, False), ("45", False, False), ("6", True, False)]


def test_doubtful_characters_are_those_that_candidates_read_otherwise() -> None:
    candidates = tuple(CandidateView(f"c{at}", "", "", "", {}, differs) for at, differs in enumerate([(4,), (4, 6)]))
    doubtful = presentation.doubtful(replace(lane_view(), candidates=candidates))
    marked = [at for at, character in enumerate(plate_characters("粤B12D45", doubtful)) if character.doubtful]
    assert marked == [4, 6]


def test_refusals_are_shown_most_frequent_first() -> None:
    counters = {"frames": 1, "rejected": 12, "bytes_in": 90, "reasons": {"checksum": 2, "too long": 9, "address": 2}}
    assert presentation.rejections(counters) == [("too long", 9), ("address", 2), ("checksum", 2)]
    assert presentation.other_counters(counters) == [("bytes_in", 90)]
    assert presentation.rejections({"reasons": "nonsense"}) == []
    assert presentation.rejections({"reasons": {"checksum": "many"}}) == []


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0:00"), (0.9, "0:00"), (14, "0:14"), (725, "12:05"), (12000, "3:20:00"), (90061, "25:01:01")]
)
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert presentation.span(seconds) == text
