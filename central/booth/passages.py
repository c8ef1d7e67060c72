"""Where passages leave the duplicates of passes while nobody sits there, so that the passes follow that too."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.immutable import immutable
from access.sealing import Opened
from access.workflows.contractor_pass import WORKFLOW, HolderPassed
from central.contractors.passes import passes
from central.ledger.marks import changes_of
from central.places.tables import Post
from central.registry import Work
from central.tables import Gate, Lane
from central.workflows import repository


@immutable
class Duplicate:
    """Where a passage left the duplicate of a pass: at which lane, as facts name it ("": with its holder), in transfer or not."""

    pass_id: UUID
    lane: str = ""
    in_transfer: bool = False


def duplicates(opened: Opened) -> Iterator[Duplicate]:
    """Yield where a passage left duplicates, one of each pass."""
    found: dict[UUID, Duplicate] = {}
    for how, name, value, _ in changes_of(opened.fields):
        family, _, text = name.partition(":")
        if family not in ("held", "transfer") or (family, how) == ("transfer", "drop"):
            continue
        try:
            identity = UUID(text)
        except ValueError:
            continue
        lane = str(value[0]) if how == "set" and isinstance(value, list | tuple) and value else ""
        found[identity] = Duplicate(identity, lane, in_transfer=family == "transfer")
    return iter(found.values())


def follow_passage(work: Work, gate: UUID, duplicate: Duplicate) -> None:
    """Let a pass be where a passage at a gate has left it; RegistryError where there is none such, or it cannot be."""
    if work.entry is not None and repository.has_event(work.session, work.entry):
        return
    row = repository.get(work, WORKFLOW.name, duplicate.pass_id, changing=True)
    held_at = left_by = ""
    if duplicate.lane:
        known = passes.record(row).held_at
        held_at = board_of(work.session, row.site_id, _gate_of(work.session, row.site_id, duplicate.lane, gate), known)
        left_by = board_of(work.session, row.site_id, gate) if duplicate.in_transfer else ""
    passes.happen(work, row, HolderPassed(at=work.at, by=work.actor.who, held_at=held_at, left_by=left_by))


def board_of(session: Session, site: UUID, gate: UUID, known: str = "") -> str:
    """Return the post of a gate where duplicates hang: the one that is `known` of this, unless that is another gate's."""
    posts = session.execute(select(Post.name, Post.gate_id).where(Post.site_id == site).order_by(Post.name)).all()
    gates = dict(session.execute(select(Gate.id, Gate.name).where(Gate.site_id == site)).all())
    own = [name for name, of_gate in posts if of_gate == gate] or [gates.get(gate, "")]
    elsewhere = {name for name, of_gate in posts if of_gate != gate} | {name for one, name in gates.items() if one != gate}
    return known if known and (known in own or known not in elsewhere) else own[0]


def _gate_of(session: Session, site: UUID, lane: str, otherwise: UUID) -> UUID:
    """Return the gate of a lane that facts name, by its id; one that is called by its slug there is of the gate that says so."""
    try:
        found = session.get(Lane, UUID(lane))
    except ValueError:
        return otherwise
    return found.gate_id if found is not None and found.site_id == site else otherwise
