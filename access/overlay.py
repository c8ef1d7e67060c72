"""Changes laid over the snapshot that they are changes of: what the gate reads while all rules are not packed anew.

A base stays mapped as it is. Its rows are read past those that were touched since, with the holders and levels as they are now.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from access.identifiers import uuid_of
from access.on_record import Credential, Person
from access.packing import id_bytes
from access.snapshot import NEIGHBOURS_MAX, Snapshot, SnapshotError


class _Beneath(Snapshot):
    """A base as it is seen through changes."""

    def __init__(self, base: Snapshot, changes: Snapshot) -> None:
        vars(self).update(vars(base))  # the same rows, which have been checked
        self.under, self._changes = base, changes  # the base itself, so that it is shared for as long as it is in use
        self._level_sets = self._sets_of(changes.levels)

    def _rows(self, column: str, first: int, last: int) -> list[int]:
        return [row for row in super()._rows(column, first, last) if self._credential_id(row) not in self._changes.touched]

    def _credential_id(self, row: int) -> bytes:
        identity: bytes = self._credential_row(row)[0]
        return identity

    def _person(self, row: int) -> Person | None:
        identity: bytes = self._person_row(row)[0]
        return self._changes.person(uuid_of(identity)) if identity in self._changes.touched else super()._person(row)

    @property
    def credentials(self) -> int:
        """How many are left of them. Walks through all."""
        return sum(self._credential_id(row) not in self._changes.touched for row in range(super().credentials))

    def documents(self, kind: str, of: str) -> list[Mapping[str, Any]]:
        """Return those that were not touched."""
        return [data for data in super().documents(kind, of) if id_bytes(data["id"]) not in self._changes.touched]


class Overlaid(Snapshot):
    """Read access to `changes` over `base`: it answers as a whole snapshot of the changes' revision would.

    Raises SnapshotError where they do not belong together.
    """

    def __init__(self, changes: Snapshot, base: Snapshot) -> None:
        if base.base is not None or base.revision != changes.base:
            raise SnapshotError(f"changes since revision {changes.base}, laid over revision {base.revision}")
        if (base.site, base.pseudonym("")) != (changes.site, changes.pseudonym("")):
            raise SnapshotError("changes of another site, or under another card key, than their base")
        vars(self).update(vars(changes))
        self._permits = {}  # those of both, not of the changes alone
        self._beneath = _Beneath(base, changes)

    @property
    def whole(self) -> Snapshot:
        """The base."""
        return self._beneath.under

    @property
    def credentials(self) -> int:
        """How many cards, codes and plates are on record. Walks through all of them."""
        return super().credentials + self._beneath.credentials

    def of_hash(self, digest: bytes) -> tuple[Credential, ...]:
        """Return the cards and codes with this keyed hash."""
        return _together(super().of_hash(digest), self._beneath.of_hash(digest))

    def plate(self, text: str) -> tuple[Credential, ...]:
        """Return the vehicles registered under exactly this plate (normal form)."""
        return _together(super().plate(text), self._beneath.plate(text))

    def neighbours(self, text: str) -> tuple[Credential, ...]:
        """Return registered plates that `text` may be a misreading of, not `text` itself; without their holders."""
        return _together(super().neighbours(text), self._beneath.neighbours(text))[:NEIGHBOURS_MAX]

    def credential_of(self, identity: UUID) -> Credential | None:
        """Return a card, code or plate by its id. Walks through all of them: for replays, not for decisions."""
        return super().credential_of(identity) if identity.bytes in self.touched else self._beneath.credential_of(identity)

    def documents(self, kind: str, of: str) -> list[Mapping[str, Any]]:
        """Return the documents of a kind about a record (its id as text), or about a plate."""
        return [*super().documents(kind, of), *self._beneath.documents(kind, of)]


def _together(changed: tuple[Credential, ...], others: tuple[Credential, ...]) -> tuple[Credential, ...]:
    """Return both in the order of their ids, as they lie in a whole snapshot."""
    return tuple(sorted((*changed, *others), key=lambda one: one.id)) if changed else others
