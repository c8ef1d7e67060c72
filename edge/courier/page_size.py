"""How much to ask for at a time, so that on a slow link an answer is whole before its deadline."""

from collections.abc import Callable
from typing import TypeVar

from edge.courier.errors import NoAnswerError

LEAST = 50  # records, some 15 KB
QUICK_S = 5.0

Answer = TypeVar("Answer")


class PageSize:
    """`limit` records: half as many where no whole answer came, twice as many after a full one that came quickly.

    That no connection could be made says nothing of how much comes through, nor does an answer that was not full. A question
    on a connection left open, into a link that is dead by now, counts as asked: it halves the limit once, which does no harm.
    """

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self.limit = most
        self._most = most
        self._clock = clock

    def ask(self, question: Callable[[int], Answer], is_cut: Callable[[Answer], bool]) -> Answer:
        """Ask for at most `limit` records, and learn from how that goes; `is_cut` tells that there were more than the limit."""
        began = self._clock()
        try:
            answer = question(self.limit)
        except NoAnswerError:
            self.limit = max(LEAST, self.limit // 2)
            raise
        if is_cut(answer) and self._clock() - began < QUICK_S:
            self.limit = min(self._most, self.limit * 2)
        return answer
