"""What the journal says of the pictures that lie on the disk, learnt bit by bit, so that nobody waits for it."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from edge.space.disputed import is_disputed
from edge.space.folder import Folder
from edge.space.pictures import Pictures
from edge.store.evidence import Evidence, EvidenceReader
from edge.store.following import Bookmark

BATCH = 50
JUDGE_AGAIN_S = 900.0  # by then a passage is over, and what there was to say of it has been said


class Learning:
    """Keeps `Pictures` in step with the journal. Monotonic seconds."""

    def __init__(self, journal: Path, folder: Folder, pictures: Pictures, clock: Callable[[], float] = time.monotonic) -> None:
        """Look through the folder once. Raises StoreError where there is no journal yet."""
        self._clock = clock
        self._reader = EvidenceReader(journal)
        self._pictures = pictures
        self._looked_through = Bookmark(self._reader)
        self._known = self._reader.newest()  # later ones are new, and were not in the folder
        pictures.lie_there(folder.pictures())
        self._again: deque[tuple[float, Evidence]] = deque()

    def is_complete(self) -> bool:
        """Tell whether all that is known of the pictures found at the start has been learnt."""
        return self._looked_through.at >= self._known

    def learn(self) -> bool:
        """Take in the next few; tell whether there may be more. Raises StoreError."""
        if self._looked_through.look():
            self._known = min(self._known, self._looked_through.at)
        found, through = self._reader.after(self._looked_through.at, BATCH)
        for evidence in found:
            self._take(evidence)
        is_more = through > self._looked_through.at
        self._looked_through.at = through
        while self._again and self._again[0][0] <= self._clock():
            self._judge(self._again.popleft()[1])
        return is_more

    def _take(self, evidence: Evidence) -> None:
        entry, picture = evidence.entry, evidence.picture
        if evidence.rowid > self._known:
            self._pictures.found(picture.sha256, picture.size, entry.stamp.utc_us)
            self._again.append((self._clock() + JUDGE_AGAIN_S, evidence))
        self._pictures.entered(picture.sha256, evidence.place, entry.stamp.utc_us, entry.passage)
        self._judge(evidence)

    def _judge(self, evidence: Evidence) -> None:
        passage = evidence.entry.passage
        if passage:
            self._pictures.judged(evidence.picture.sha256, disputed=is_disputed(self._reader.about(passage)))
