"""How much is asked for at a time: less after no answer, more again after a quick one, within bounds."""

from edge.courier.errors import RefusalError, SyncError
from edge.courier.page_size import LEAST, QUICK_S, PageSize
from tests.edge.courier.conftest import Clock


def test_it_halves_where_no_answer_comes_and_doubles_after_a_quick_one(clock: Clock) -> None:
    size, limits = PageSize(400, clock), []
    for took_s, error in (
        (30.0, SyncError("no answer")),
        (QUICK_S, None),
        (0.1, None),
        (0.1, None),
        *[(30.0, SyncError("no answer"))] * 5,
        (0.1, None),
        (30.0, RefusalError(503, {})),
    ):
        try:
            with size.asking():
                clock.now += took_s
                if error:
                    raise error
        except (SyncError, RefusalError):
            pass
        limits.append(size.limit)
    assert limits == [200, 200, 400, 400, 200, 100, LEAST, LEAST, LEAST, 2 * LEAST, 2 * LEAST]
