"""What an agent's journal has of passages that are still under way: all that one knows who is started after a kill."""

from collections.abc import Iterable
from datetime import datetime

from access.entries import Decided, Draft, PassageEnded
from edge.gate.recovery import unconfirmed


class Remembered:
    """Passages without an end, with the kinds of their entries and the last decision."""

    def __init__(self) -> None:
        self._lanes: dict[str, tuple[str, list[str]]] = {}
        self._decisions: dict[str, Decided] = {}

    def write(self, drafts: Iterable[Draft]) -> None:
        """Take in what was committed."""
        for draft in drafts:
            if isinstance(draft.body, PassageEnded):
                self._lanes.pop(draft.passage, None)
                self._decisions.pop(draft.passage, None)
            elif draft.passage:
                self._lanes.setdefault(draft.passage, (draft.lane, []))[1].append(draft.body.kind)
                if isinstance(draft.body, Decided):
                    self._decisions[draft.passage] = draft.body

    def interrupt(self, at: datetime) -> dict[str, Decided]:
        """End what is under way; returns by lane the grant of which nobody knows whether its arm moved."""
        passages = [(passage, lane, kinds) for passage, (lane, kinds) in self._lanes.items()]
        asked = unconfirmed(passages, self._decisions.get, at)
        self._lanes.clear()
        self._decisions.clear()
        return asked
