"""Enrolment by a one-time token, and the check of every later request's signature and sequence."""

from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from access.contract.signature import SignatureError, SignedRequest, fingerprint
from access.contract.sync import EnrolReply, EnrolRequest
from central.audit import services as audit
from central.edges import repository, wiring
from central.edges.repository import Speaker
from central.edges.trust import ACTIVE, BY_BOX, KIND, PENDING, REPLACED, SPENT, check_speaks, note_event
from central.errors import RegistryError
from central.hashing import new_token, same, token_hash
from central.registry import Registry, Work
from central.sites import repository as sites_repository
from central.sites.schemas import GateWanted
from central.sites.services import gates
from central.tables import Edge, EnrolmentToken, Site

TOKEN_LASTS = timedelta(minutes=30)
STREAM_LENGTH_MAX = 40
SEQUENCE_MAX = 2**63 - 1
SPEAKERS_MAX = 10_000


def new_enrolment_token(work: Work, site_slug: str, gate_slug: str, name: str) -> str:
    """Return a token that enrols one edge at this gate once within 30 minutes; RegistryError 404 for an unknown site."""
    site = sites_repository.site_by_slug(work.session, site_slug)
    if site is None or not work.actor.sees(site.id):
        raise RegistryError("there is no site {site}", 404, "site", site=site_slug)
    token = new_token(work.rng)
    audit.note(work, KIND, site.id, site.id, "token_made", version=0, after={"gate": gate_slug, "name": name})
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


class WrongKeyError(RegistryError):
    """Something speaks with the id of an edge and has not its key: a second box, or somebody who tries."""

    def __init__(self, edge: UUID, why: str) -> None:
        super().__init__(why, 401, "signature")
        self.edge = edge


def enrol(work: Work, request: EnrolRequest, registry_key: bytes) -> EnrolReply:
    """Take a box in, waiting for approval; make its gate and lanes where they are missing. RegistryError says why not."""
    site, token = _redeemed(work, request)
    gate = sites_repository.gate_by_slug(work.session, site.id, request.gate)
    wanted = GateWanted(site=site.id, slug=request.gate, name=request.gate)
    if gate is not None:
        repository.locked_edges_of_gate(work.session, gate.id)
    gate_id = gates.create(work, wanted).id if gate is None else gate.id
    wired = wiring.lane_ids(work, site.id, gate_id, request.lanes)
    public_key = bytes.fromhex(request.public_key)
    edge = _known_device(work, gate_id, public_key) or _newcomer(work, site.id, gate_id, token.name, public_key)
    edge.wiring = [lane.model_dump(mode="json") for lane in request.lanes]
    if edge.status == ACTIVE:
        wiring.rewire(work, edge)
    note_event(work, edge, "enrolled", BY_BOX, fingerprint(edge.public_key))
    return EnrolReply(edge=edge.id, gate=gate_id, site=site.id, lanes=wired, registry_key=registry_key.hex())


def _newcomer(work: Work, site_id: UUID, gate_id: UUID, name: str, public_key: bytes) -> Edge:
    """Make an edge that waits; the gate's present one is told of in what the office sees, and goes on until people decide."""
    edge = Edge(
        id=work.new_id(),
        site_id=site_id,
        gate_id=gate_id,
        name=name,
        public_key=public_key,
        status=PENDING,
        enrolled_at=work.at,
    )
    for present in repository.edges_of_gate(work.session, gate_id):
        if present.status == ACTIVE:
            present.note = f"another box asks to be this gate: {name}"
            note_event(work, present, "second_box", BY_BOX, f"{name}, fingerprint {fingerprint(edge.public_key)}")
    work.session.add(edge)
    work.session.flush()
    return edge


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


def _known_device(work: Work, gate_id: UUID, public_key: bytes) -> Edge | None:
    """Return the edge that this key is at this gate; RegistryError 409 where the key is another's, or no longer trusted."""
    for edge in repository.edges_with_key(work.session, public_key):
        if edge.gate_id != gate_id or edge.status in SPENT:
            owned = "this key belongs to the edge {name} ({status}): make a new key"
            raise RegistryError(owned, 409, "public_key", name=edge.name, status=edge.status)
        if edge.status == REPLACED:
            edge.status, edge.note = PENDING, ""
        return edge
    return None


def authenticate(work: Work, request: SignedRequest, signature: str) -> Edge:
    """Return who signed; RegistryError 401 (not known or signed), 403 (may not speak), 409 (repeated, telling the last)."""
    edge = repository.locked_edge(work.session, request.edge)
    if edge is None:
        raise _stranger()
    check_signature(edge.public_key, request, signature)
    check_speaks(edge)
    _advance(work, request)
    edge.last_seen_at = work.at
    return edge


class ChangedError(Exception):
    """An edge, or a lane of its gate, is not any more what it was when its batch was read."""

    def __init__(self, now: Speaker) -> None:
        super().__init__(f"edge {now.id} has changed")
        self.now = now


def known(registry: Registry, edge_id: UUID) -> Speaker:
    """Return who speaks with this id, before his signature is looked at: as his last batch found him, or as he stands now.

    RegistryError 401 and 403.
    """
    found = registry.speakers.get(edge_id)
    if found is None:
        with registry.read() as work:
            found = repository.speaker(work.session, edge_id)
            if found is None:
                raise _stranger()
            _check_status(work, found)
        if len(registry.speakers) >= SPEAKERS_MAX:
            registry.speakers.clear()
        registry.speakers[edge_id] = found
    return found


def admit(work: Work, request: SignedRequest, known: Speaker) -> None:
    """Let the edge of a request whose signature was checked have its turn.

    Raises ChangedError where it is not any more as it is known, and RegistryError as `authenticate` does.
    """
    now = repository.locked_speaker(work.session, request.edge, work.at)
    _check_status(work, now)
    if now != known:
        raise ChangedError(now)
    _advance(work, request)


def _stranger() -> RegistryError:
    return RegistryError("this edge is not enrolled here", 401, "edge")


def check_signature(public_key: bytes, request: SignedRequest, signature: str) -> None:
    """Raise WrongKeyError unless the key has signed the request."""
    try:
        request.verify(Ed25519PublicKey.from_public_bytes(public_key), signature)
    except SignatureError as error:
        raise WrongKeyError(request.edge, str(error)) from error


def _check_status(work: Work, speaker: Speaker) -> None:
    if speaker.status != ACTIVE:
        check_speaks(repository.known_edge(work.session, speaker.id))


def _advance(work: Work, request: SignedRequest) -> None:
    if not 1 <= len(request.stream) <= STREAM_LENGTH_MAX or not 0 < request.sequence <= SEQUENCE_MAX:
        raise RegistryError("no stream or sequence of ours", 422, "sequence")
    last = repository.advance(work.session, request.edge, request.stream, request.sequence)
    if last is not None:
        raise RegistryError("this sequence number was used before", 409, "sequence", {"sequence": last})
