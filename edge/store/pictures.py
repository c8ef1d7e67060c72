"""Which pictures the journal has of a capture, and of an entrance: for the booth's pages, who know no more than its id."""

from collections.abc import Iterable
from uuid import UUID

from access.entries import Decided, EntryError, EvidenceKept, PassageEnded
from access.sealing import Opened, unseal
from edge.store.following import Following

KEPT_WITHIN_US = 600_000_000  # after its capture a picture's entry is written
BEFORE_US = 5_000_000  # the clock may have been set a little meanwhile
LOOKED_THROUGH_MAX = 2000  # entries
_MS = 1000


class PicturesReader(Following):
    """Reads on a connection of its own; one thread at a time. Every method may raise StoreError.

    Nothing is indexed for it: captures and entrances have their time, and entries lie in the order they were written.
    """

    def of_capture(self, capture: str) -> list[EvidenceKept]:
        """Return the pictures of a capture, one of each camera; their files lie under `edge.places.picture_in`."""
        taken_us = _taken_us(capture)
        if taken_us is None:
            return []
        rows = self._between(taken_us - BEFORE_US, taken_us + KEPT_WITHIN_US, "evidence")
        bodies = (entry.body() for entry in rows)
        found = [body for body in bodies if isinstance(body, EvidenceKept) and body.capture == capture]
        return list({picture.camera: picture for picture in found}.values())

    def entrance(self, subject: str, since_utc: float) -> str:
        """Return the capture of the passage by which a subject came in at that time (UTC seconds); "" where it is not known.

        It is not where it came in by another gate, or the entry is gone.
        """
        since_us = round(since_utc * 1e6)
        if not subject or since_us <= 0:
            return ""
        rows = self._between(since_us - BEFORE_US, since_us + 1_000_000 + BEFORE_US, "passage")
        passage = next((entry.passage for entry in rows if _came(entry, subject, int(since_utc))), "")
        return self._capture_of(passage) if passage else ""

    def _capture_of(self, passage: str) -> str:
        query = """
            SELECT canonical FROM entries
            WHERE passage = ? AND kind IN ('decision', 'alarm', 'guard') AND passage <> '' AND kind = 'decision'
            ORDER BY rowid DESC LIMIT 20
        """
        bodies = (entry.body() for entry in _readable(list(self._query(query, (passage,)))))
        return next((body.capture for body in bodies if isinstance(body, Decided) and body.capture), "")

    def _between(self, since_us: int, until_us: int, kind: str) -> list[Opened]:
        """Return the entries of a kind that were written between two times, oldest first, as far as they are looked through."""
        query = "SELECT canonical FROM entries WHERE rowid >= ? AND rowid < ? AND kind = ? ORDER BY rowid"
        first, end = self._first_at(since_us), self._first_at(until_us)
        return list(_readable(list(self._query(query, (first, min(end, first + LOOKED_THROUGH_MAX), kind)))))

    def _first_at(self, utc_us: int) -> int:
        """Return the rowid of the first entry that was written at or after a time, by halves: the one after all if none was."""
        [(low, last)] = self._query("SELECT coalesce(min(rowid), 0), coalesce(max(rowid), -1) FROM entries")
        high = last + 1
        while low < high:
            middle = (low + high) // 2
            query = "SELECT rowid, utc_us FROM entries WHERE rowid >= ? ORDER BY rowid LIMIT 1"
            [(rowid, at_us)] = self._query(query, (middle,))
            if at_us < utc_us:
                low = rowid + 1
            else:
                high = middle
        return int(low)


def _taken_us(capture: str) -> int | None:
    """Return when a capture was made, which its id (a UUIDv7) says; None where it says none."""
    try:
        identity = UUID(capture)
    except ValueError:
        return None
    return (identity.int >> 80) * _MS if identity.version == 7 else None


def _came(entry: Opened, subject: str, since: int) -> bool:
    body = entry.body()
    facts = body.facts if isinstance(body, PassageEnded) else ()
    return any(how == "set" and name == f"at:{subject}" and value[1:2] == [since] for how, name, value, *_ in facts)


def _readable(rows: Iterable[tuple[bytes]]) -> Iterable[Opened]:
    """Leave out what cannot be read: whoever walks the chain tells of it."""
    for (canonical,) in rows:
        try:
            entry = unseal(canonical)
            entry.body()
        except EntryError:
            continue
        yield entry
