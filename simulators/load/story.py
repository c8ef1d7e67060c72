"""What happened at a gate, played once by the gate's own core: the bodies of the entries that every pretended gate sends."""

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from access.contract.sync import LaneWiring
from access.entries import Body, Decided
from edge.store.reader import JournalReader
from simulators.history.past import LANES, Past

ARRIVALS: Final = 200
WIRING: Final = tuple(LaneWiring.model_validate({"slug": slug, "kind": kind, "direction": way}) for slug, kind, way in LANES)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it was written, without its place in a journal."""

    lane: str
    passage: str
    body: Body

    @property
    def capture(self) -> str:
        """The capture that a decision names ("": none)."""
        return self.body.capture if isinstance(self.body, Decided) else ""


def tell(seed: int, arrivals: int = ARRIVALS) -> tuple[Line, ...]:
    """Play so many arrivals at a gate in virtual time, and return what its journal says of them."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-load-") as folder, Past(Path(folder), seed) as past:
        past.live(arrivals)
        with closing(JournalReader(past.places.journal)) as journal:
            return tuple(Line(entry.lane, entry.passage, entry.body()) for entry in journal.every() if entry.passage)
