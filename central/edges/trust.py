"""Whom the registry believes: a box waits until people have compared fingerprints, and may be put out again."""

from datetime import timedelta
from uuid import UUID

from access.contract.signature import fingerprint
from central.audit import services as audit
from central.codes.keys import make_first_key
from central.edges import repository, wiring
from central.errors import RegistryError
from central.registry import PUBLISHED, Work
from central.sites.peers import tell_peers
from central.sync_tables import EdgeEvent
from central.tables import Edge

KIND = "edges"
PENDING, ACTIVE, REPLACED, REVOKED, QUARANTINED = "pending", "active", "replaced", "revoked", "quarantined"
# A key that was put out stays out: who has copied it still has it. The box makes another and enrols anew.
SPENT = frozenset({REVOKED, QUARANTINED})
# One line a minute is enough to be noticed; whoever tries on shall not fill the disk.
SUSPECT_AGAIN = timedelta(minutes=1)
BY_BOX, BY_REGISTRY = "box", "registry"
WRONG_KEY = "wrong_key"


def note_event(work: Work, edge: Edge, what: str, by: str, words: str = "") -> None:
    """Write down what became of an edge; `by` is a user's name, `box` or `registry`."""
    work.session.add(EdgeEvent(id=work.new_id(), edge_id=edge.id, at=work.at, what=what, by=by, words=words))


def approve(work: Work, edge_id: UUID, seen: str, by: str) -> Edge:
    """Let a waiting edge speak for its gate from now on, in place of the box there was; `seen` is the fingerprint on its screen.

    RegistryError 404, 409 where it does not wait, 422 where its key has another fingerprint.
    """
    place = repository.place_of(work.session, edge_id)
    if place is None or not work.actor.sees(place[0]):
        raise _unknown()
    edges = repository.locked_edges_of_gate(work.session, place[1])
    edge = next(edge for edge in edges if edge.id == edge_id)
    if edge.status in SPENT:
        spent = "{name} is {status}: let it make a new key and enrol anew"
        raise RegistryError(spent, 409, "status", name=edge.name, status=edge.status)
    if edge.status != PENDING:
        not_waiting = "{name} is {status}: only an edge that waits can be approved"
        raise RegistryError(not_waiting, 409, "status", name=edge.name, status=edge.status)
    if _digits(seen) != _digits(fingerprint(edge.public_key)):
        raise RegistryError("the fingerprint is another: this is not the box that you look at", 422, "fingerprint")
    edge.status, edge.note, edge.approved_at = ACTIVE, "", work.at
    note_event(work, edge, "approved", by, fingerprint(edge.public_key))
    audit.note(work, KIND, edge.id, edge.site_id, "approved", version=0, after={"fingerprint": fingerprint(edge.public_key)})
    wiring.rewire(work, edge)
    for other in edges:
        if other.id != edge.id and other.status == ACTIVE:
            _put_out(work, other, REPLACED, by, f"replaced by {edge.name}")
    tell_peers(work, edge.gate_id)
    make_first_key(work, edge.site_id)
    return edge


def revoke(work: Work, edge_id: UUID, reason: str, by: str) -> Edge:
    """Let an edge speak no more; requests of it that wait are ended. RegistryError 404."""
    edge = _locked(work, edge_id)
    _put_out(work, edge, REVOKED, by, reason)
    tell_peers(work, edge.gate_id)
    audit.note(work, KIND, edge.id, edge.site_id, "revoked", version=0, reason=reason)
    return edge


def quarantine(work: Work, edge_id: UUID, why: str) -> None:
    """Let an edge speak no more until people have looked at it."""
    edge = _locked(work, edge_id)
    _put_out(work, edge, QUARANTINED, BY_REGISTRY, why)
    tell_peers(work, edge.gate_id)


def suspect(work: Work, edge_id: UUID, words: str) -> bool:
    """Write down that something else speaks with an edge's id; False where that was done within the last minute.

    A note that is there stays: whoever has no key shall not wipe away what people are to read of the edge.
    """
    edge = _locked(work, edge_id)
    last = repository.last_event(work.session, edge_id, WRONG_KEY)
    if last is not None and work.at - last.at < SUSPECT_AGAIN:
        return False
    edge.note = edge.note or f"something with another key spoke as this edge: {words}"
    note_event(work, edge, WRONG_KEY, BY_REGISTRY, words)
    return True


def check_speaks(edge: Edge) -> None:
    """Raise RegistryError 403 with the edge's status unless it may speak."""
    if edge.status == ACTIVE:
        return
    facts = {"edge_status": edge.status}
    if edge.status == PENDING:
        seen = fingerprint(edge.public_key)
        raise RegistryError("waiting for approval: fingerprint {fingerprint}", 403, "edge", facts, fingerprint=seen)
    raise RegistryError("this edge is {status}: {note}", 403, "edge", facts, status=edge.status, note=edge.note)


def _put_out(work: Work, edge: Edge, status: str, by: str, why: str) -> None:
    edge.status, edge.note = status, why
    note_event(work, edge, status, by, why)
    # Wakes its requests that wait for news: they look again who asks.
    work.session.info.setdefault(PUBLISHED, set()).add(edge.id)


def _locked(work: Work, edge_id: UUID) -> Edge:
    edge = repository.locked_edge(work.session, edge_id)
    if edge is None or not work.actor.sees(edge.site_id):
        raise _unknown()
    return edge


def _unknown() -> RegistryError:
    return RegistryError("there is no such edge", 404, "id")


def _digits(shown: str) -> str:
    return "".join(shown.split()).upper()
