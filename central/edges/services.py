"""Enrolment by a one-time token, and the check of every later request's signature and sequence."""

from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from access.contract.signature import SignatureError, SignedRequest, fingerprint
from access.contract.sync import EnrolReply, EnrolRequest, LaneWiring
from central.edges import repository
from central.errors import RegistryError
from central.hashing import new_token, same, token_hash
from central.registry import Work
from central.sites import repository as sites_repository
from central.sites.schemas import GateWanted, LaneShown, LaneWanted
from central.sites.services import gates, lanes
from central.tables import Edge, EnrolmentToken, Lane, Site

TOKEN_LASTS = timedelta(minutes=30)
STREAM_LENGTH_MAX = 40
SEQUENCE_MAX = 2**63 - 1
ACTIVE, QUARANTINED, REPLACED = "active", "quarantined", "replaced"


def new_enrolment_token(work: Work, site_slug: str, gate_slug: str, name: str) -> str:
    """Return a token that enrols one edge at this gate once within 30 minutes; RegistryError 404 for an unknown site."""
    site = sites_repository.site_by_slug(work.session, site_slug)
    if site is None:
        raise RegistryError(f"there is no site {site_slug}", 404, "site")
    token = new_token(work.rng)
    kept = EnrolmentToken(
        token_hash=token_hash(token),
        site_id=site.id,
        gate=gate_slug,
        name=name,
        created_at=work.at,
        expires_at=work.at + TOKEN_LASTS,
    )
    work.session.add(kept)
    return token


def enrol(work: Work, request: EnrolRequest, registry_key: bytes) -> EnrolReply:
    """Enrol an edge and make its gate and lanes where they are missing; RegistryError names why not."""
    site, token = _redeemed(work, request)
    gate = sites_repository.gate_by_slug(work.session, site.id, request.gate)
    wanted = GateWanted(site=site.id, slug=request.gate, name=request.gate)
    gate_id = gates.create(work, wanted).id if gate is None else gate.id
    wired = {wiring.slug: _wire(work, site.id, gate_id, wiring).id for wiring in request.lanes}
    edge = _known_device(work, gate_id, bytes.fromhex(request.public_key))
    if edge is None:
        edge = Edge(
            id=work.new_id(),
            site_id=site.id,
            gate_id=gate_id,
            name=token.name,
            public_key=bytes.fromhex(request.public_key),
            status=ACTIVE,
            enrolled_at=work.at,
        )
        work.session.add(edge)
    _replace_others(work, edge)
    return EnrolReply(edge=edge.id, gate=gate_id, site=site.id, lanes=wired, registry_key=registry_key.hex())


def _redeemed(work: Work, request: EnrolRequest) -> tuple[Site, EnrolmentToken]:
    """Use the token up; RegistryError where it is not good for this gate now."""
    given = token_hash(request.token)
    token = repository.token(work.session, given)
    if token is None or not same(token.token_hash, given):
        raise RegistryError("this token is not known: ask the office for one", 401, "token")
    if token.used_at is not None:
        raise RegistryError("this token has been used: ask the office for another", 409, "token")
    if token.expires_at <= work.at:
        raise RegistryError("this token has run out: ask the office for another", 410, "token")
    site = sites_repository.get_site(work.session, token.site_id)
    if site is None or site.slug != request.site:
        raise RegistryError("this token is for another site", 403, "site")
    if token.gate != request.gate:
        raise RegistryError("this token is for another gate", 403, "gate")
    token.used_at = work.at
    return site, token


def _wire(work: Work, site_id: UUID, gate_id: UUID, wiring: LaneWiring) -> LaneShown:
    """Make the lane what the gate is wired as; what the office has set of it stays."""
    wanted = LaneWanted(
        site=site_id, gate=gate_id, slug=wiring.slug, name=wiring.slug, lane_kind=wiring.kind, direction=wiring.direction
    )
    lane = sites_repository.lane_by_slug(work.session, gate_id, wiring.slug)
    if lane is None:
        return lanes.create(work, wanted)
    return lanes.change(work, lane.id, wanted.model_copy(update=_set_by_office(lane)))


def _set_by_office(lane: Lane) -> dict[str, str]:
    return {"name": lane.name, "mode": lane.mode, "unknown": lane.unknown}


def _known_device(work: Work, gate_id: UUID, public_key: bytes) -> Edge | None:
    """Return the edge that this key is at this gate; RegistryError 409 where the key is another's, or no longer trusted."""
    for edge in repository.edges_with_key(work.session, public_key):
        if edge.gate_id != gate_id or edge.status == QUARANTINED:
            raise RegistryError(f"this key belongs to the edge {edge.name} ({edge.status}): make a new key", 409, "public_key")
        edge.status, edge.note = ACTIVE, ""
        return edge
    return None


def _replace_others(work: Work, edge: Edge) -> None:
    """Let a gate have one edge: an earlier box may not speak for it any more."""
    for other in repository.edges_of_gate(work.session, edge.gate_id):
        if other.id != edge.id and other.status == ACTIVE:
            other.status, other.note = REPLACED, f"replaced by {edge.name}"


def authenticate(work: Work, request: SignedRequest, signature: str) -> Edge:
    """Return who signed; RegistryError 401 (not known or signed), 403 (not active), 409 (repeated, telling the last)."""
    edge = repository.locked_edge(work.session, request.edge)
    if edge is None:
        raise RegistryError("this edge is not enrolled here", 401, "edge")
    try:
        request.verify(Ed25519PublicKey.from_public_bytes(edge.public_key), signature)
    except SignatureError as error:
        raise RegistryError(str(error), 401, "signature") from error
    if edge.status != ACTIVE:
        raise RegistryError(f"this edge is {edge.status}: {edge.note}", 403, "edge", {"edge_status": edge.status})
    if not 1 <= len(request.stream) <= STREAM_LENGTH_MAX or not 0 < request.sequence <= SEQUENCE_MAX:
        raise RegistryError("no stream or sequence of ours", 422, "sequence")
    stream = repository.stream(work.session, edge.id, request.stream)
    if request.sequence <= stream.sequence:
        raise RegistryError("this sequence number was used before", 409, "sequence", {"sequence": stream.sequence})
    stream.sequence = request.sequence
    edge.last_seen_at = work.at
    return edge


def quarantine(work: Work, edge_id: UUID, why: str) -> None:
    """Let an edge speak no more until people have looked at it."""
    edge = repository.locked_edge(work.session, edge_id)
    assert edge is not None, "an edge is never deleted"
    edge.status, edge.note = QUARANTINED, why


def described(edge: Edge) -> dict[str, object]:
    """Return what an administrator compares: state, and the fingerprint that the gate shows too."""
    return {
        "id": edge.id,
        "name": edge.name,
        "status": edge.status,
        "note": edge.note,
        "fingerprint": fingerprint(edge.public_key),
        "enrolled_at": edge.enrolled_at,
        "last_seen_at": edge.last_seen_at,
    }
