"""The presence on disk: the sum of the journal's changes of facts, written with the entries that make them."""

import sys
from collections.abc import Iterable, Mapping

import cbor2

from access.persistent import PersistentMap
from access.presence import Change, Plates, Presence, Value, counted_in
from access.projection import projected
from access.sealing import Opened
from edge.store.sqlite import Database

_NO_VALUE = cbor2.dumps(None)


def load(db: Database) -> Presence:
    """Return the presence as it was committed last."""
    rows = ((name, cbor2.loads(value)) for name, value in db.execute("SELECT name, value FROM facts"))
    facts = {name: _shared(value) for name, value in rows if value is not None}
    plates = dict(db.execute("SELECT subject, plate FROM plates_inside ORDER BY subject"))
    return Presence(PersistentMap(facts), Plates.inside(plates))


def load_times(db: Database) -> dict[str, int]:
    """Return since when (UTC us) each fact that is shared is as it is, or is no more; see `access.sharing`."""
    return dict(db.execute("SELECT name, at_us FROM facts WHERE at_us > 0"))


def _shared(value: Value) -> Value:
    """Let all who are in one zone share its name in memory."""
    return [sys.intern(part) if isinstance(part, str) else part for part in value] if isinstance(value, list) else value


def write(db: Database, changes: Iterable[Change], before: Presence, after: Presence, times: Mapping[str, int]) -> None:
    """Write what `changes` made of the presence; within the caller's transaction. `times`: see `load_times`."""
    for name in dict.fromkeys(_touched(changes, before)):
        if name in after.facts or name in times:
            row = (name, cbor2.dumps(after.facts.get(name), canonical=True), times.get(name, 0))
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", row)
        else:
            db.execute("DELETE FROM facts WHERE name = ?", (name,))
        if not name.startswith("at:"):
            continue
        subject = name.removeprefix("at:")
        if plate := after.plates.of.get(subject):
            db.execute("INSERT OR REPLACE INTO plates_inside VALUES (?, ?)", (subject, plate))
        else:
            db.execute("DELETE FROM plates_inside WHERE subject = ?", (subject,))


def forget_dropped(db: Database, until_us: int) -> None:
    """Forget of shared facts that are no more since when they are not; within the caller's transaction.

    It is there so that an older word of another gate does not bring them back; when its entries are forgotten nobody sends one.
    """
    db.execute("DELETE FROM facts WHERE value = ? AND at_us BETWEEN 1 AND ?", (_NO_VALUE, until_us))


def still_known(times: Mapping[str, int], presence: Presence, until_us: int) -> dict[str, int]:
    """Return the `times` (see `load_times`) that `forget_dropped` leaves."""
    return {name: at_us for name, at_us in times.items() if at_us > until_us or name in presence.facts}


def _touched(changes: Iterable[Change], before: Presence) -> Iterable[str]:
    """Name the facts that changes touch, and the numbers that these counted in or do now."""
    for _, name, value in changes:
        yield from (name, *counted_in(name, before.facts.get(name)), *counted_in(name, value))


def summed(entries: Iterable[Opened]) -> Presence:
    """Return what entries, in order from the first, add up to. Raises EntryError, PresenceError."""
    presence = Presence()
    for entry in entries:
        presence = projected(presence, entry.body())
    return presence
