"""The mark beside a journal: it is being written. What is there at a start tells of a stop that was not orderly.

After such a stop the newest commits are in the write-ahead log alone; where that is gone, so are they. Where more is known, the
mark says it, until the journal itself does: the next start may be cut off too.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from edge.folders import sync_folder
from edge.identity import write_private
from edge.store.writeahead import is_readable, log_of

_LOG_WAS_GONE = b"the log was gone"


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest entry of a journal: the next one follows it."""

    epoch: UUID
    seq: int
    head: bytes


@dataclass(frozen=True, slots=True)
class LastKnown:
    """What is known of the end of a journal: its log is gone; the newest entry, where that was written before the file failed."""

    log_lost: bool = False
    tip: Tip | None = None


NOTHING_KNOWN: Final = LastKnown()


def last_known_of(journal: Path) -> LastKnown:
    """Return what is known beside a journal of its end; to be asked before it is opened. Changes nothing. Raises OSError."""
    try:
        said = _mark_of(journal).read_bytes()
    except FileNotFoundError:
        return NOTHING_KNOWN
    return LastKnown(said == _LOG_WAS_GONE or (not said and not is_readable(log_of(journal))), _tip_in(said))


class OpenMark:
    """Set after the first commit, taken away once the write-ahead log has been moved into the file."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._path = _mark_of(journal)
        self._is_set = self._path.exists()

    def last_known(self) -> LastKnown:
        """Return what was known at the stop; to be asked before the journal is opened. Raises OSError."""
        known = last_known_of(self._journal)
        if known.log_lost:  # by the next time there may be a log again, and nothing said of the loss
            write_private(self._path, _LOG_WAS_GONE)
        return known

    def expects(self, tip: Tip) -> None:
        """Say which entry was written last, because the file may have failed. Raises OSError."""
        write_private(self._path, json.dumps([tip.epoch.hex, tip.seq, tip.head.hex()]).encode())
        self._is_set = True

    def is_told(self) -> None:
        """Let go of what the journal itself says by now. Raises OSError."""
        if self._is_set and self._path.stat().st_size:
            write_private(self._path, b"")

    def set(self) -> None:
        """Say that commits are in the write-ahead log; raises OSError."""
        if self._is_set:
            return
        self._path.touch(mode=0o600)
        sync_folder(self._path.parent)
        self._is_set = True

    def clear(self) -> None:
        """Say that all is in the file; raises OSError."""
        if not self._is_set:
            return
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)
        self._is_set = False

    def settle(self) -> None:
        """Clear it where the log is gone, once the journal is closed: SQLite then has moved all of it. Raises OSError."""
        if not log_of(self._journal).exists():
            self.clear()


def _mark_of(journal: Path) -> Path:
    return journal.with_suffix(".open")


def _tip_in(said: bytes) -> Tip | None:
    try:
        epoch, seq, head = json.loads(said)
        return Tip(UUID(hex=epoch), int(seq), bytes.fromhex(head))
    except (ValueError, TypeError):
        return None
