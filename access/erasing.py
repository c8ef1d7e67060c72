"""What goes when somebody is erased: personal fields of entries, and what a rule record says of them; pure.

The canonical bytes stay, and with them every hash: a field that goes loses its value and its salt, which stand beside.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import cbor2

from access.acts import ACTED
from access.cbor import CborError, loads
from access.chance import Chance
from access.entries import Decided, EntryError, PassageEnded
from access.sealing import Opened, unseal

# Whose names these are: of who did something, not of whom it was done to.
OF_OTHERS: Final = frozenset({"guard_name", "issuer_name"})
TEXT_MIN, LATIN_MIN, DIGITS_MIN = 2, 5, 7
_NOBODY: Final = re.compile(rb"(?!)")


class Eraser:
    """Knows who is erased: by ids, and by texts (plates, names, telephones, card numbers) as far as they are still known.

    `documents` are what acts at a post name: passes, visits.
    """

    def __init__(
        self, persons: Iterable[UUID], credentials: Iterable[UUID], documents: Iterable[UUID] = (), texts: Iterable[str] = ()
    ) -> None:
        self._persons, self._credentials = _forms(persons), _forms(credentials)
        self._documents = _forms(documents)
        self._ids = self._persons | self._credentials | self._documents
        self._named = _any_of(self._ids)
        self._texts: set[str] = set()
        self._said = self._told = _NOBODY
        self.hear(texts)

    def hear(self, texts: Iterable[str]) -> None:
        """Know them by more texts; what is too short to tell anybody from others is passed over."""
        self._texts |= set(telling(texts))
        self._told = _any_of(self._texts)
        self._said = _any_of(self._ids | self._texts)

    def theirs(self, canonical: bytes, beside: bytes) -> Opened | None:
        """Return the entry where it says that its passage, if it has one, is theirs; else None."""
        if not self._named.search(canonical) and not self._told.search(beside):
            return None
        try:
            opened = unseal(canonical, beside)
        except EntryError:
            return None
        return opened if self._is_theirs(opened) else None

    def _is_theirs(self, opened: Opened) -> bool:
        fields = opened.fields
        if opened.kind == Decided.kind:
            if person := fields.get("person"):
                return person in self._persons
            is_known = bool({fields.get("credential"), fields.get("vehicle")} & self._credentials)
            return is_known or bool(self._told.search(str(fields.get("text", "")).encode()))
        if opened.kind in ACTED:
            return fields.get("identity") in self._documents
        if opened.kind == PassageEnded.kind:
            return any(name.partition(":")[2] in self._ids for name in _names(fields))
        return False

    def forget(self, texts: Iterable[str]) -> None:
        """Know them no more by these texts."""
        self._texts -= set(texts)
        self.hear(())

    def read_of_others(self, canonical: bytes, beside: bytes) -> str:
        """Return what a decision about somebody else read, where they are known by it too: a plate was handed on. Else ""."""
        if not self._told.search(beside):
            return ""
        try:
            opened = unseal(canonical, beside)
        except EntryError:
            return ""
        person, text = opened.fields.get("person"), opened.fields.get("text")
        is_others = opened.kind == Decided.kind and person and person not in self._persons
        return text if is_others and isinstance(text, str) and text in self._texts else ""

    def said_by(self, opened: Opened) -> Iterator[str]:
        """Yield the plate or number that a decision of theirs read: by it others may name them."""
        text = opened.fields.get("text")
        if opened.kind == Decided.kind and opened.fields.get("credential") and isinstance(text, str):
            yield text

    def left(self, canonical: bytes, beside: bytes, *, theirs: bool) -> tuple[bytes, tuple[str, ...]]:
        """Return what stays of the personal fields, and the names of those that go; `theirs`: the entry is of their passage.

        Of one that is not, and of a decision about somebody else in theirs, those go that name them.
        """
        if not beside or not (theirs or self._said.search(beside)):
            return beside, ()
        try:
            fields = loads(beside)
            opened = unseal(canonical)
        except (CborError, EntryError):
            return b"", ("?",)
        if not isinstance(fields, dict):
            return b"", ("?",)
        person = opened.fields.get("person") if opened.kind == Decided.kind else ""
        whole = theirs and (not person or person in self._persons)
        gone = tuple(sorted(name for name, value in fields.items() if self._goes(str(name), value, whole=whole)))
        kept = {name: value for name, value in fields.items() if name not in gone}
        return cbor2.dumps(kept, canonical=True) if kept else b"", gone

    def _goes(self, name: str, value: Any, *, whole: bool) -> bool:
        if whole and name not in OF_OTHERS:
            return True
        return isinstance(value, bytes) and bool(self._said.search(value))

    def without(self, text: str) -> str:
        """Return a text with nothing of theirs in it."""
        return self._told.sub(b"", text.encode()).decode()

    def tells(self, text: str) -> bool:
        """Tell whether a text names them by what they are called."""
        return bool(self._told.search(text.encode()))

    def names(self, text: str) -> bool:
        """Tell whether a text names them by an id."""
        return bool(self._named.search(text.encode()))


def telling(texts: Iterable[str]) -> Iterator[str]:
    """Yield those texts that tell one from others: one character, a few letters or digits stand everywhere."""
    return (text for text in texts if len(text) >= _length_that_tells(text))


def _length_that_tells(text: str) -> int:
    return DIGITS_MIN if text.isdigit() else LATIN_MIN if text.isascii() else TEXT_MIN


def _forms(ids: Iterable[UUID]) -> frozenset[str]:
    return frozenset(form for each in ids for form in (str(each), each.hex))


def _any_of(texts: Collection[str]) -> re.Pattern[bytes]:
    # The longest first: of two that begin alike, all of it is to go.
    found = sorted(texts, key=lambda text: (-len(text), text))
    return re.compile(b"|".join(re.escape(text.encode()) for text in found)) if found else _NOBODY


def _names(fields: Mapping[str, Any]) -> Iterator[str]:
    for change in fields.get("facts", ()):
        if isinstance(change, list | tuple) and len(change) > 1 and isinstance(change[1], str):
            yield change[1]


# --- rules --------------------------------------------------------------------------------------


# What is known by a plate beside the vehicle: its outcome stays only if the plate is the same in both.
BY_PLATE: Final = ("block", "slip")


class Blank:
    """Makes rule records say nothing of somebody and decide as before; what was alike stays alike, by a secret nobody keeps."""

    def __init__(self, chance: Chance, kept: Collection[str] = ()) -> None:
        """`kept`: plates that a block or slip in force names; were they blanked elsewhere, it would not be what it was for."""
        self._secret = chance(32)
        self._kept = frozenset(kept)

    def record(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record (as JSON has it) of a person, vehicle, card, visit, block or slip, blanked."""
        match data["kind"]:
            case "person":
                return {**data, "name": "", "unit": ""}
            case "vehicle":
                return {**data, "plate": self._plate(data["plate"])}
            case "card":
                return {**data, "hashes": [self._digest(one)[:32] for one in data["hashes"]], "tail": ""}
            case "block" | "slip":
                return {**data, "plate": self._plate(data["plate"])} if data.get("plate") else dict(data)
            case "visit":
                return {**data, "host": ""}
        return dict(data)

    def _plate(self, plate: str) -> str:
        return plate if plate in self._kept else f"Z{self._digest(plate)[:9].upper()}"

    def _digest(self, text: str) -> str:
        return hashlib.sha256(self._secret + text.encode()).hexdigest()
