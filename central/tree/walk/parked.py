"""Entries that are parked though they can be read: they stand on the chain, and nobody sees them in the log.

A registry of an earlier version may have stumbled over one; or somebody has put it there so that it is not seen. Which of the two
it was, people must find out: what is found names the reason that was noted.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from access.contract.sync import EntryBatch, SentEntry
from access.sealing import unseal
from central.journal.reading import Home, read_again
from central.journal.repository import form, known_ids
from central.tree.walk import columns
from central.tree.walk.rows import Row

# What the walk reads of a parked entry: as far as bytes go in the places that those of an entry have.
READ = ("seq", "chain_hash", "canonical", "personal", "reason")
_REASON = READ.index("reason")


def fault(session: Session, edge: UUID, epoch: UUID, row: Row, home: columns.Home) -> str | None:
    """Return in words why a parked entry should not be, None where it should: it cannot be read, or has the id of another."""
    seq, canonical, personal = row[columns.SEQ], row[columns.CANONICAL], row[columns.PERSONAL]
    where = Home(form(session), home.site.bytes, home.gate.bytes, 0, {}, 0, {})

    def is_readable(beside: bytes) -> bool:
        try:
            sent = SentEntry(seq=seq, canonical=canonical, personal=beside)
            batch = EntryBatch(edge=edge, epoch=epoch, follows=bytes(32), entries=(sent,))
            return not read_again(batch, bytes(32), where).parked
        except Exception:  # noqa: BLE001 - over such an entry the registry stumbles still
            return False

    if not is_readable(b"") or known_ids(session, [unseal(canonical).id]):
        return None
    why = f"(noted when it was parked: {row[_REASON]})"
    if is_readable(personal):
        return f"parked, though it can be read: try it again {why}"
    return f"parked, though its bytes can be read; what stands beside them is not what they committed to: ask the gate {why}"
