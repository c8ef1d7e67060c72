"""A signed pass as decisions take it: written down without its text, and the visitor of whom a gate knows nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from access.entries import EntryError
from access.immutable import immutable
from access.on_record import Credential, Person, Validity, Visit
from access.passes import Pass, Shown

VISIT, CONTRACTOR, SLIP = "visit", "pass", "slip"
_SAID: Final = 14
"""How many parts the record of a code has that says something; a later version may add to them."""


def recorded(code: Shown | None) -> tuple[Any, ...]:
    """Return what a journal entry keeps of a code: enough to decide again without its text, the keys or the clock."""
    if code is None:
        return ()
    says = code.says
    if says is None:
        return code.fault, code.kid
    window = (says.issued, says.valid_from, says.valid_until)
    terms = (list(says.gates), says.uses, says.party, list(says.vehicles), says.turns)
    return code.fault, says.kind, str(says.id), says.part, *window, *terms, code.turned, code.kid


def read_back(kept: Sequence[Any], name: str = "") -> Shown | None:
    """Return a code as it was recorded; `name` is that of one that said nothing. Raises EntryError."""
    try:
        if len(kept) < _SAID:
            return Shown(kept[0], None, 0, kept[1], name) if kept else None
        fault, kind, identity, part, issued, since, until, gates, uses, party, vehicles, turns, turned, kid = kept[:_SAID]
        says = Pass(kind, UUID(identity), issued, since, until, part, tuple(gates), uses, party, tuple(vehicles), turns)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise EntryError("a code that is not of this version") from error
    return Shown(fault, says, turned, kid, says.name)


@immutable
class KnownByCode:
    """A visitor of whom the registry has told this gate nothing yet: their code, and the visit that it speaks of."""

    credential: Credential
    visit: Visit


def known_by_code(says: Pass) -> KnownByCode:
    """Return the visitor of a code, by the id that the registry gives them; they have no name here."""
    visitor = Person(uuid5(says.id, "visitor"), "", "", "visitor", "active", (), None, None)
    credential = Credential(says.id, "code", says.id.hex[-4:], "active", "", visitor, None, None)
    window = Validity(datetime.fromtimestamp(says.valid_from, UTC), datetime.fromtimestamp(says.valid_until, UTC))
    return KnownByCode(credential, Visit(says.id, "", "approved", "", window, frozenset(), says.uses, says.party, ()))


def is_alone(credential: Credential | None, code: Shown | None) -> bool:
    """Tell whether a credential is nothing but a code: its holder is on nobody's record here."""
    return credential is not None and code is not None and code.says is not None and credential.id == code.says.id


def is_slip(code: Shown | None) -> bool:
    """Tell whether a code is that of a goods-release slip: it is about what is carried, not about who comes."""
    return code is not None and code.says is not None and code.says.kind == SLIP
