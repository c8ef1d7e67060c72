"""How much is asked for at a time: less where no whole answer came, more again after a quick and full one, within bounds."""

from contextlib import suppress

import pytest

from edge.courier.errors import NoAnswerError, RefusalError, SyncError
from edge.courier.page_size import LEAST, QUICK_S, PageSize
from tests.edge.courier.conftest import Clock

FULL, REST = True, False
NO_ANSWER = NoAnswerError("no whole answer")


Outcome = bool | Exception  # was the answer full?


def limits(clock: Clock, most: int, *outcomes: tuple[float, Outcome]) -> list[int]:
    """Ask so often, each answer after so many seconds; return how much was asked for, and how much would be next."""
    size, asked, coming = PageSize(most, clock), [], iter(outcomes)

    def ask(limit: int) -> bool:
        took_s, answer = next(coming)
        asked.append(limit)
        clock.now += took_s
        if isinstance(answer, Exception):
            raise answer
        return answer

    for _ in outcomes:
        with suppress(SyncError, RefusalError):
            size.ask(ask, is_cut=lambda full: full)
    return [*asked, size.limit]


def test_it_halves_where_no_whole_answer_came_and_doubles_after_a_quick_full_one(clock: Clock) -> None:
    assert limits(clock, 400, (30, NO_ANSWER), (QUICK_S, FULL), (0.1, FULL), (0.1, FULL)) == [400, 200, 200, 400, 400]
    assert limits(clock, 150, *[(0.1, NO_ANSWER)] * 3, (0.1, FULL)) == [150, 75, LEAST, LEAST, 2 * LEAST]


@pytest.mark.parametrize("outcome", [REST, SyncError("not reached"), RefusalError(503, {})], ids=["rest", "away", "refused"])
@pytest.mark.parametrize("took_s", [0.1, 30.0])
def test_what_says_nothing_of_how_much_comes_through_changes_nothing(clock: Clock, outcome: Outcome, took_s: float) -> None:
    assert limits(clock, 400, (30, NO_ANSWER), *[(took_s, outcome)] * 9)[-1] == 200
