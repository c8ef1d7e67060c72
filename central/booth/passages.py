"""What passages do while nobody sits there, so that records follow that too.

Where they leave the duplicates of passes, and who of a visit's party they let in and out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.immutable import immutable
from access.sealing import Opened
from access.workflows.contractor_pass import WORKFLOW, HolderPassed
from access.workflows.visit import PARTY_MAX, VisitorsPassed
from central.contractors.passes import passes
from central.ledger.marks import changes_of
from central.places.tables import Post
from central.registry import Work
from central.tables import Gate, Lane
from central.visits.services import visits
from central.workflows import repository


@immutable
class Duplicate:
    """Where a passage left the duplicate of a pass: at which lane, as facts name it ("": with its holder), in transfer or not."""

    record: UUID
    lane: str = ""
    in_transfer: bool = False


@immutable
class Visitors:
    """How many of a visit's party a passage let in or out."""

    record: UUID
    way: Literal["in", "out"]
    people: int = 1


Passed = Duplicate | Visitors
_WAYS: Final[Mapping[str, Literal["in", "out"]]] = {"in": "in", "out": "out"}


def passed(opened: Opened) -> Iterator[Passed]:
    """Yield what records follow of a passage."""
    yield from _duplicates(opened)
    yield from _visitors(opened)


def _visitors(opened: Opened) -> Iterator[Visitors]:
    way = str(opened.fields.get("direction"))
    if way not in _WAYS:
        return
    names = (name.partition(":") for how, name, _, _ in changes_of(opened.fields) if how in ("set", "drop"))
    people = Counter(visit for family, _, text in names if family == "party" and (visit := _id(text)))
    yield from (Visitors(visit, _WAYS[way], min(number, PARTY_MAX)) for visit, number in people.items())


def _duplicates(opened: Opened) -> Iterator[Duplicate]:
    """Yield where a passage left duplicates, one of each pass."""
    found: dict[UUID, Duplicate] = {}
    for how, name, value, _ in changes_of(opened.fields):
        family, _, text = name.partition(":")
        if family not in ("held", "transfer") or (family, how) == ("transfer", "drop"):
            continue
        identity = _id(text)
        if identity is None:
            continue
        lane = str(value[0]) if how == "set" and isinstance(value, list | tuple) and value else ""
        found[identity] = Duplicate(identity, lane, in_transfer=family == "transfer")
    return iter(found.values())


def follow_passage(work: Work, gate: UUID, one: Passed) -> None:
    """Let a record be as a passage at a gate has left it; RegistryError where there is none such, or it cannot be."""
    if work.entry is not None and repository.has_event(work.session, work.entry):
        return
    if isinstance(one, Duplicate):
        _follow_duplicate(work, gate, one)
        return
    row = repository.get(work, visits.workflow.name, one.record, changing=True)
    visits.happen(work, row, VisitorsPassed(at=work.at, by=work.actor.who, way=one.way, people=one.people))


def _follow_duplicate(work: Work, gate: UUID, duplicate: Duplicate) -> None:
    row = repository.get(work, WORKFLOW.name, duplicate.record, changing=True)
    held_at = left_by = ""
    if duplicate.lane:
        known = passes.record(row).held_at
        held_at = board_of(work.session, row.site_id, _gate_of(work.session, row.site_id, duplicate.lane, gate), known)
        left_by = board_of(work.session, row.site_id, gate) if duplicate.in_transfer else ""
    passes.happen(work, row, HolderPassed(at=work.at, by=work.actor.who, held_at=held_at, left_by=left_by))


def board_of(session: Session, site: UUID, gate: UUID, known: str = "") -> str:
    """Return the post of a gate where duplicates hang: the one that is `known` of this, unless that is another gate's.

    A post that is of no gate is nobody else's.
    """
    posts = session.execute(select(Post.name, Post.gate_id).where(Post.site_id == site).order_by(Post.name)).all()
    gates = dict(session.execute(select(Gate.id, Gate.name).where(Gate.site_id == site)).all())
    own = [name for name, of_gate in posts if of_gate == gate] or [gates.get(gate, "")]
    of_others = {name for name, of_gate in posts if of_gate not in (None, gate)}
    elsewhere = of_others | {name for one, name in gates.items() if one != gate}
    return known if known and (known in own or known not in elsewhere) else own[0]


def _gate_of(session: Session, site: UUID, lane: str, otherwise: UUID) -> UUID:
    """Return the gate of a lane that facts name, by its id; one that is called by its slug there is of the gate that says so."""
    identity = _id(lane)
    found = session.get(Lane, identity) if identity else None
    return found.gate_id if found is not None and found.site_id == site else otherwise


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
