"""What gates of a site say to each other over the LAN (MQTT), while the registry is away from some of them.

Each message stands alone: CBOR [signed bytes, Ed25519 signature], the signed bytes CBOR [version, site, edge, sequence, at_us,
kind, body]. Topics are `gatehouse/<site>/peers/<edge>/<kind>`; `here` is retained, and its last will says `offline`. The sequence
rises from message to message of an edge (milliseconds of its clock, as in its requests to the registry).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError

from access.cbor import CborError, loads
from access.contract.record_fields import Slug
from access.contract.sync import Message

PEERS_VERSION = 1
MESSAGE_BYTES_MAX = 64 * 1024
ROWS_MAX = 100
CONTEXT = b"gatehouse-peer-1\n"
KINDS = ("here", "facts", "claim", "answer")
OFFLINE = b"offline"
SEQUENCE_MAX = 2**53
DEPTH_MAX = 8
Count = Annotated[int, Field(ge=0, le=SEQUENCE_MAX)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class PeerError(Exception):
    """Bytes that are no message of a neighbour; `why` is a code: too_large, malformed, version, unknown_edge, bad_signature."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Here(Message):
    """An edge is there: the sequence of its last `facts` (0: none told), and of each neighbour's through which it has them.

    `online`: it reaches the registry; `known_us`: through when (UTC us) it knows what the registry knew (0: it cannot tell).
    """

    facts: Count = 0
    heard: Annotated[Mapping[UUID, Count], Field(max_length=500)] = {}
    online: bool = False
    known_us: Annotated[int, Field(ge=0, le=2**62)] = 0


class FactRow(Message):
    """What an epoch of the edge has contributed to one fact through its entry `seq`, as `access.contract.facts` tells it."""

    epoch: UUID
    seq: Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]
    name: Name
    how: Literal["set", "sum"]
    value: int | str | list[int | str] | None = None
    at_us: Annotated[int, Field(ge=0, le=2**62)]


class Facts(Message):
    """Contributions that the registry does not have yet, behind the `facts` of sequence `follows` (0: all are told anew)."""

    follows: Count
    rows: Annotated[tuple[FactRow, ...], Field(max_length=ROWS_MAX)]


class ClaimAsked(Message):
    """The gate asks `to` (an edge) to count a use of a pass; see `access.claims`."""

    to: UUID
    nonce: Nonce
    paper: Literal["visit", "pass"]
    identity: UUID
    person: UUID
    allowed: Annotated[int, Field(ge=1, le=1_000_000)]
    permit: Annotated[str, Field(max_length=40)] = ""
    lane: Slug


class ClaimAnswer(Message):
    """The gate answers a claim of `to`: whether the use is counted, why not, and when it was (UTC us)."""

    to: UUID
    nonce: Nonce
    yes: bool
    why: Annotated[str, Field(max_length=40)] = ""
    at_us: Annotated[int, Field(ge=0, le=2**62)]


Body = Here | Facts | ClaimAsked | ClaimAnswer
_BODIES: Mapping[str, type[Here | Facts | ClaimAsked | ClaimAnswer]] = {
    "here": Here,
    "facts": Facts,
    "claim": ClaimAsked,
    "answer": ClaimAnswer,
}


class PeerMessage(Message):
    """One message of an edge, without its signature."""

    site: Slug
    edge: UUID
    sequence: Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]
    at_us: Annotated[int, Field(ge=0, le=2**62)]
    body: Body

    @property
    def kind(self) -> str:
        """The last part of its topic."""
        return next(kind for kind, model in _BODIES.items() if isinstance(self.body, model))

    def signed_by(self, key: Ed25519PrivateKey) -> bytes:
        """Return it as it travels."""
        head = [PEERS_VERSION, self.site, self.edge.bytes, self.sequence, self.at_us, self.kind]
        payload = cbor2.dumps([*head, _plain(self.body.model_dump())], canonical=True)
        return cbor2.dumps([payload, key.sign(CONTEXT + payload)], canonical=True)


def topic(site: str, edge: UUID, kind: str) -> str:
    """Return where an edge says messages of a kind."""
    return f"gatehouse/{site}/peers/{edge}/{kind}"


def read(data: bytes, keys: Mapping[UUID, bytes]) -> PeerMessage:
    """Return a message that one of these edges has signed (public keys). Raises PeerError."""
    if len(data) > MESSAGE_BYTES_MAX:
        raise PeerError("too_large")
    payload, signature = _pair(data)
    parts = _loaded(payload)
    if not isinstance(parts, list) or not parts or parts[0] != PEERS_VERSION:
        raise PeerError("version" if isinstance(parts, list) and parts and isinstance(parts[0], int) else "malformed")
    match parts:
        case [_, str(site), bytes(edge), int(sequence), int(at_us), str(kind), dict(body)] if len(edge) == 16 and kind in _BODIES:
            _check(keys.get(UUID(bytes=edge)), signature, payload)
            return _made(site, UUID(bytes=edge), sequence, at_us, _BODIES[kind], body)
    raise PeerError("malformed")


def _pair(data: bytes) -> tuple[bytes, bytes]:
    match _loaded(data):
        case [bytes(payload), bytes(signature)]:
            return payload, signature
    raise PeerError("malformed")


def _loaded(data: bytes) -> Any:
    try:
        return loads(data, DEPTH_MAX)
    except CborError as error:
        raise PeerError("malformed") from error


def _check(public_key: bytes | None, signature: bytes, payload: bytes) -> None:
    if public_key is None:
        raise PeerError("unknown_edge")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, CONTEXT + payload)
    except (InvalidSignature, ValueError) as error:
        raise PeerError("bad_signature") from error


def _made(site: str, edge: UUID, sequence: int, at_us: int, model: type[Any], body: Any) -> PeerMessage:
    try:
        told = model.model_validate(body)
        return PeerMessage(site=site, edge=edge, sequence=sequence, at_us=at_us, body=told)
    except ValidationError as error:
        raise PeerError("malformed") from error


def _plain(value: Any) -> Any:
    """Return it with ids as bytes, as CBOR has them."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
