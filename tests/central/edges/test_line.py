from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from central.edges.line import OVERTAKEN_MAX, FairLine


def test_who_waits_alone_is_next() -> None:
    line: FairLine[int] = FairLine(10)
    assert line.pop() is None
    assert line.push("a", 1, 1) is None
    assert (line.pop(), line.pop(), len(line)) == (1, None, 0)


def test_who_has_been_served_waits_behind_the_others() -> None:
    line: FairLine[str] = FairLine(10)
    line.begin("backlog", 3)
    for ticket in ("backlog", "new-1", "new-2"):
        line.push(ticket, ticket, 1)
    assert [line.pop() for _ in range(3)] == ["new-1", "new-2", "backlog"]


def test_an_absence_earns_nothing() -> None:
    line: FairLine[str] = FairLine(10)
    for _ in range(5):
        line.push("busy", "busy", 10)
        line.pop()
    for ticket in ("back", "back again"):
        line.push("back", ticket, 11)
    line.push("busy", "busy", 10)
    assert [line.pop() for _ in range(3)] == ["back", "busy", "back again"], "who comes back begins where the others are"


def test_a_full_line_sends_away_who_has_had_most() -> None:
    line: FairLine[str] = FairLine(2)
    line.begin("greedy", 9)
    assert (line.push("greedy", "g1", 1), line.push("modest", "m1", 1)) == (None, None)
    assert line.push("modest", "m2", 1) == "g1"
    assert line.push("greedy", "g2", 1) == "g2"


def test_within_one_edge_the_most_urgent_goes_first() -> None:
    line: FairLine[str] = FairLine(10)
    for ticket, rank in (("picture", 4), ("entries 1", 2), ("claim", 0), ("entries 2", 2), ("alarm", 1)):
        line.push("a", ticket, 1, rank)
    assert [line.pop() for _ in range(5)] == ["claim", "alarm", "entries 1", "entries 2", "picture"]


def test_what_is_urgent_without_end_overtakes_a_few_times_only() -> None:
    line: FairLine[str] = FairLine(100)
    for ticket, rank in (("entries", 2), ("picture", 3)):
        line.push("a", ticket, 1, rank)
    told = []
    for _ in range(20):
        line.push("a", "claim", 1, 0)
        told.append(line.pop())
    assert (told.index("entries"), told.index("picture")) == (OVERTAKEN_MAX, OVERTAKEN_MAX + 1)


def test_what_is_urgent_to_one_edge_costs_others_no_turn() -> None:
    line: FairLine[str] = FairLine(10)
    line.begin("greedy", 9)
    line.push("greedy", "claim", 1, 0)
    line.push("modest", "picture", 1, 4)
    assert (line.pop(), line.pop()) == ("picture", "claim")


def test_a_full_line_sends_away_the_least_urgent_and_newest_of_who_has_had_most() -> None:
    line: FairLine[str] = FairLine(3)
    line.begin("greedy", 9)
    for edge, ticket, rank in (("modest", "m", 4), ("greedy", "entries 1", 2), ("greedy", "entries 2", 2)):
        line.push(edge, ticket, 1, rank)
    assert line.push("greedy", "claim", 1, 0) == "entries 2"
    assert line.push("greedy", "picture", 1, 4) == "picture"
    assert line.push("modest", "m2", 1, 4) == "entries 1"
    assert [line.pop() for _ in range(3)] == ["m", "m2", "claim"]


def test_who_leaves_is_not_called() -> None:
    line: FairLine[str] = FairLine(5)
    for ticket in ("x", "y"):
        line.push("a", ticket, 1)
    line.leave("a", "x")
    line.leave("b", "z")
    assert (line.pop(), line.pop()) == ("y", None)


@given(st.lists(st.integers(1, 20), min_size=2, max_size=6))
def test_work_is_shared_alike_whatever_it_costs(costs: list[int]) -> None:
    """All always wait; after any time nobody has had more than one request more than another, measured in work."""
    line: FairLine[int] = FairLine(100)
    had = [0] * len(costs)
    for edge, cost in enumerate(costs):
        line.push(str(edge), edge, cost)
    for _ in range(200):
        served = line.pop()
        assert served is not None
        had[served] += costs[served]
        line.push(str(served), served, costs[served])
        assert all(abs(a - b) <= max(costs) for a, b in pairwise(had))
