"""What one neighbour can make a gate do is bounded, whatever it says; what was lost is told again, less and less often."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from access.contract.peers import Body, ClaimAsked, FactRow, Facts, Here
from edge.budget import Budget
from edge.courier.talk import CLAIMS_MAX, Talk
from edge.messages import TimeTold
from edge.peer_messages import ClaimMade, PeerSaid, PeersKnown, PeerTaken
from tests.sync.lan import BEGAN, Box

BOXES = (Box(0), Box(1))
KNOWN = PeersKnown("lakeside", tuple((str(box.edge), box.key.public_key().public_bytes_raw()) for box in BOXES))


class End:
    """One courier's talk; `said` is what it puts on the wire, `told` what its gate hears."""

    def __init__(self, box: Box, *, wrong_s: float = 0.0, trusted: bool = True) -> None:
        self.box, self.wrong_s, self.trusted = box, wrong_s, trusted
        self.said: list[bytes] = []
        self.told: list[Any] = []
        self.talk = Talk(box.identity, lambda _topic, payload, _retain: self.said.append(payload), self.told.append, self._time)
        self.talk.know(KNOWN)

    def _time(self, now: float) -> TimeTold:
        return TimeTold(now, BEGAN + now + self.wrong_s, trusted=self.trusted)

    def says(self, body: Body, now: float = 0.0) -> bytes:
        self.talk._say(body, now)
        return self.said[-1]

    def hears(self, other: "End", payload: bytes, now: float = 0.0) -> None:
        self.talk.hear(other.box.edge, payload, now)


def claim(number: int) -> ClaimAsked:
    nothing = UUID(int=number)
    return ClaimAsked(
        to=BOXES[0].edge, nonce=nothing.hex, paper="visit", identity=nothing, person=nothing, allowed=1_000_000, lane="in-1"
    )


def row(seq: int) -> FactRow:
    return FactRow(epoch=UUID(int=7), seq=seq, name="uses:v", how="sum", value=seq, at_us=1)


def test_a_neighbour_can_claim_so_often_and_no_more() -> None:
    home, liar = End(BOXES[0]), End(BOXES[1])
    for number in range(CLAIMS_MAX + 100):
        home.hears(liar, liar.says(claim(number)))
    assert sum(isinstance(one, ClaimMade) for one in home.told) == CLAIMS_MAX
    assert home.talk.dropped == {"too_many": 100}
    for number in range(100):
        home.hears(liar, liar.says(claim(1000 + number), 20.0), 20.0)
    assert sum(isinstance(one, ClaimMade) for one in home.told) == CLAIMS_MAX + 10


def test_what_the_gate_could_not_take_is_not_shown_as_heard_until_all_is_told_anew() -> None:
    east, west = End(BOXES[0]), End(BOXES[1])
    for number in (1, 2):
        east.hears(west, west.says(Facts(follows=west.talk._sequence, rows=(row(number),))))
    first, second = (one for one in east.told if isinstance(one, PeerSaid))
    east.talk.taken(PeerTaken(first.edge, first.serial, is_lost=True))
    east.talk.taken(PeerTaken(second.edge, second.serial))
    assert east.talk.neighbours[west.box.edge].heard == 0
    east.hears(west, west.says(Facts(follows=0, rows=(row(3),))))
    east.talk.taken(PeerTaken(first.edge, east.told[-1].serial))
    assert east.talk.neighbours[west.box.edge].heard == east.told[-1].serial > 0


def test_who_never_has_heard_is_told_anew_less_and_less_often() -> None:
    east, deaf = End(BOXES[0]), End(BOXES[1])
    east.talk.say_facts([row(1)], 0.0)
    times = []
    for second in range(1, 600):
        east.hears(deaf, deaf.says(Here(), float(second)), float(second))
        if east.talk.is_missed(float(second)):
            east.talk.say_facts([row(1)], float(second), all_anew=True)
            times.append(second)
    assert len(times) < 20
    assert times[:3] == [1, 3, 7]
    east.talk.say_facts([], 600.0, all_anew=True)
    assert not east.talk.is_missed(700.0), "there is nothing left to miss"


def test_a_clock_that_was_years_ahead_silences_nobody_once_it_is_right() -> None:
    here, ahead = End(BOXES[0], trusted=False), End(BOXES[1], wrong_s=20 * 365 * 86_400.0)
    here.hears(ahead, ahead.says(Here()))
    here.trusted = True
    here.hears(ahead, ahead.says(Here(), 1.0), 1.0)
    assert here.talk.dropped == {"old": 1}
    right = End(BOXES[1])
    said = right.says(Here(), 2.0)
    here.hears(right, said, 2.0)
    assert here.talk.neighbours[right.box.edge].heard_at == 2.0
    here.hears(right, said, 3.0)
    assert here.talk.dropped == {"old": 1, "repeated": 1}


def test_work_is_made_by_whom_is_cut_off_once_a_minute_at_most() -> None:
    here, there = End(BOXES[0]), End(BOXES[1])
    asked = []
    for second in range(120):
        here.hears(there, there.says(Here(online=second % 2 == 0, known_us=2**50 - second * 10**9), float(second)), float(second))
        asked.append(here.talk.missing_since(float(second)))
    assert sum(one != other for one, other in pairwise(asked)) <= 2


@pytest.mark.parametrize("gap", [0.0, -5.0])
def test_a_budget_gives_no_more_where_no_time_has_passed(gap: float) -> None:
    budget = Budget(2, 1.0)
    assert [budget.allows(1, 10.0 + gap * count) for count in range(3)] == [True, True, False]
    assert budget.allows(1, 11.0 + 2 * abs(gap))
