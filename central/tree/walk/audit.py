"""The chain of the audit: each entry in its place, what stands in it as it was written, and its heads as the tree has them."""

from collections import deque
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.chain import link
from central.audit.chain import GENESIS, PLAIN, canonical, commitment
from central.tree import ends
from central.tree.walk.findings import Kind, Place, Seen
from central.tree.walk.rows import as_json, as_uuid, stream

PART: Final = "audit"
# Entries that are looked through for one that was moved.
RECENT: Final = 32
_NAMES: Final = ("seq", "id", "site_id", *PLAIN, "before", "after", "reason", "chain_hash", "commitment", "salt")
_COLUMNS: Final = ", ".join(f'"{name}"' for name in _NAMES)
_CHAINED: Final = f"SELECT {_COLUMNS} FROM audit_entries WHERE seq IS NOT NULL ORDER BY seq"  # noqa: S608 - our own words
_UNCHAINED: Final = "SELECT id FROM audit_entries WHERE seq IS NULL"
_IDS: Final = ("id", "site_id", "record_id")


def walk(session: Session, taken: dict[int, tuple[bytes, int]], seen: Seen) -> None:
    """Walk over the audit; `taken`: chain hash and leaf of those of its heads that the tree has, by entry."""
    for (identity,) in stream(session, _UNCHAINED):
        seen.add(PART, "added", Place(audit=as_uuid(identity)), "this entry is not on the chain")
    walker = _Walker(taken, seen)
    for values in stream(session, _CHAINED):
        walker.step(dict(zip(_NAMES, values, strict=True)))
    walker.end(session)


class _Walker:
    """Goes from entry to entry; behind one that does not fit it goes on from what is stored, so that only that one is named."""

    def __init__(self, taken: dict[int, tuple[bytes, int]], seen: Seen) -> None:
        self._taken, self._seen = taken, seen
        self._seq = 0
        # The hash before, and those that could be it where entries were edited or moved.
        self._hash: bytes | None = GENESIS
        self._recent: deque[bytes] = deque([GENESIS], RECENT)
        self._misfits: list[dict[str, Any]] = []

    def step(self, row: dict[str, Any]) -> None:
        """Take the next entry."""
        seq, stored = row["seq"], row["chain_hash"] or b""
        row |= {name: as_uuid(row[name]) for name in _IDS}
        if seq != self._seq + 1:
            self._add("gap", self._seq + 1, None, f"entries {self._seq + 1} to {seq - 1} are missing")
            self._hash = None
        if self._hash is not None:
            self._check_chain(row, self._hash, stored)
        self._check_commitment(row)
        self._check_taken(row)
        self._seq, self._hash = seq, stored
        self._recent.append(stored)
        self._seen.count("audit entries")

    def _check_chain(self, row: dict[str, Any], before: bytes, stored: bytes) -> None:
        said = canonical(row["seq"], row, row["commitment"] or b"")
        expected = link(before, said)
        if expected == stored or any(link(other, said) == stored for other in self._recent):
            return
        self._recent.append(expected)
        self._misfits.append(row | {"hash_before": before})

    def _tell_misfits(self) -> None:
        """Tell of what did not fit: where one stands in the place of another, that."""
        for row in self._misfits:
            came = next((other["seq"] for other in self._misfits[:RECENT] if self._fits_at(row, other["seq"])), None)
            if came is None:
                self._add("edit", row["seq"], row["id"], "what it says and its chain hash do not belong together")
            else:
                self._add("reordering", row["seq"], row["id"], f"it stood at entry {came}")

    def _fits_at(self, row: dict[str, Any], seq: int) -> bool:
        said = canonical(seq, row, row["commitment"] or b"")
        hashes = {other[name] for other in self._misfits[:RECENT] for name in ("hash_before", "chain_hash")}
        return seq != row["seq"] and any(link(each, said) == row["chain_hash"] for each in hashes)

    def end(self, session: Session) -> None:
        """Look for what is missing at the end."""
        self._tell_misfits()
        end = ends.end(session, ends.AUDIT)
        size, head = (end.size, end.head) if end else (0, GENESIS)
        last = max([size, *self._taken])
        if last > self._seq:
            self._add("cut_tail", self._seq + 1, None, f"entries {self._seq + 1} to {last} are missing at the end")
        elif size < self._seq:
            self._add("added", size + 1, None, f"the audit ends with entry {size}, and entries to {self._seq} are stored")
        elif head != self._hash:
            self._add("edit", size, None, "the last entry has another chain hash than the end that was noted")

    def _check_commitment(self, row: dict[str, Any]) -> None:
        before, after, reason = as_json(row["before"]), as_json(row["after"]), row["reason"]
        if row["salt"] is None:
            if before is not None or after is not None or reason:
                self._add("edit", row["seq"], row["id"], "something stands where before, after and reason were erased")
        elif commitment(row["salt"], before, after, reason) != row["commitment"]:
            self._add("edit", row["seq"], row["id"], "its before, after or reason is not what it committed to")

    def _check_taken(self, row: dict[str, Any]) -> None:
        taken = self._taken.get(row["seq"])
        if taken is not None and taken[0] != row["chain_hash"]:
            words = f"leaf {taken[1]} of the tree has another chain hash here: this entry or one before it was rewritten"
            self._add("fork", row["seq"], row["id"], words)

    def _add(self, kind: Kind, seq: int, identity: UUID | None, words: str) -> None:
        self._seen.add(PART, kind, Place(seq=seq, audit=identity), words)
