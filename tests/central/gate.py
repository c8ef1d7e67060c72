"""A gate as the registry sees it: a key, signed requests, entries on a chain. Written from the contract, not from the edge."""

import hashlib
import itertools
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import cbor2
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access.chain import genesis, walk
from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, SignedRequest, fingerprint, verify_reply
from access.contract.sync import BatchAck, EnrolReply, RulesPage
from access.entries import Body, Decided, Entry, Stamp
from access.identifiers import uuid7
from access.sealing import Sealed, seal
from central.edges.services import new_enrolment_token
from central.edges.trust import approve
from central.registry import Registry

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
# As small as a JPEG can be that has a frame.
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x02\xd0\x05\x00\x01\x01\x11\x00\xff\xda\x00\x02data\xff\xd9"
LANES = [{"slug": "in-1", "kind": "vehicle", "direction": "in"}, {"slug": "out-1", "kind": "vehicle", "direction": "out"}]


def public_hex(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


class Gate:
    """One box at the gate `east`; `seed` makes its chance repeat."""

    def __init__(self, address: str, seed: int = 1, slug: str = "east") -> None:
        self.http = httpx.Client(base_url=address, timeout=30, verify=False)  # plain HTTP: no certificates to load
        self.chance = random.Random(seed)
        self.slug = slug
        self.key = Ed25519PrivateKey.generate()
        self.sequences = itertools.count(1)
        self.epoch = uuid7(BEGAN, self.chance.randbytes(10))
        self.entries: list[Sealed] = []
        self.enrolled: EnrolReply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.http.close()

    # --- enrolment --------------------------------------------------------------------------------

    def token_from(self, registry: Registry, name: str = "box") -> str:
        with registry.write() as work:
            return new_enrolment_token(work, "lakeside", self.slug, name)

    def ask_to_enrol(self, token: str, /, **changes: Any) -> httpx.Response:
        wanted = {"token": token, "site": "lakeside", "gate": self.slug, "public_key": public_hex(self.key), "lanes": LANES}
        return self.http.post(f"{API_PREFIX}/enrol", json=wanted | changes)

    def enrol(self, token: str) -> None:
        """Enrol; the gate waits for approval then."""
        reply = self.ask_to_enrol(token)
        assert reply.status_code == 200, reply.text
        self.enrolled = EnrolReply.model_validate_json(reply.content)

    def join(self, registry: Registry, name: str = "box") -> None:
        """Enrol, and be approved by somebody who has compared the fingerprints."""
        self.enrol(self.token_from(registry, name))
        with registry.write() as work:
            approve(work, self.enrolled.edge, self.fingerprint, "admin")

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key.public_key().public_bytes_raw())

    # --- signed requests --------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        sequence: int | None = None,
        stream: str = "entries",
        changed: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a signed request and check that the reply, whatever it says, is signed for it; `changed` headers are sent."""
        number = next(self.sequences) if sequence is None else sequence
        signed = SignedRequest(method, API_PREFIX + path, self.enrolled.edge, stream, number, body)
        headers = signed.headers(self.key) | dict(changed or {})
        reply = self.http.request(method, API_PREFIX + path, content=body, headers=headers)
        registry_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.enrolled.registry_key))
        verify_reply(registry_key, headers[SIGNATURE_HEADER], reply.status_code, reply.content, reply.headers[SIGNATURE_HEADER])
        return reply

    def rules(self, query: str) -> RulesPage:
        reply = self.ask("GET", f"/rules?{query}", stream="rules")
        assert reply.status_code == 200, reply.text
        return RulesPage.model_validate_json(reply.content)

    # --- the journal ------------------------------------------------------------------------------

    def write(
        self,
        body: Body,
        at: datetime = BEGAN,
        lane: str = "in-1",
        passage: str = "",
        entry_id: UUID | None = None,
        quality: str = "trusted",
    ) -> UUID:
        """Append an entry to the gate's own journal."""
        identity = entry_id or uuid7(at, self.chance.randbytes(10))
        seq = len(self.entries) + 1
        stamp = Stamp(round((at - BEGAN).total_seconds() * 1_000_000), round(at.timestamp() * 1_000_000), quality)
        entry = Entry(self.enrolled.edge, self.epoch, seq, identity, stamp, body, lane, passage)
        self.entries.append(seal(entry, self.chance.randbytes))
        return identity

    def decide(self, text: str = "粤B12D45", after_s: float = 0, **facts: Any) -> UUID:
        """Append a decision on a plate, `after_s` seconds after the gate began."""
        facts = {"outcome": "grant", "reason": "access_ok", "medium": "plate", "text": text} | facts
        place = {name: facts.pop(name) for name in ("lane", "passage") if name in facts}
        values = facts.pop("values", {"shown": text, "holder": "李*", "unit": "3-1201"})
        body = Decided(device="camera-in", revision=1, direction="in", holder="李*", unit="3-1201", values=values, **facts)
        return self.write(body, BEGAN + timedelta(seconds=after_s), **place)

    def head(self, through: int) -> bytes:
        return walk(genesis(self.enrolled.edge, self.epoch), (sealed.canonical for sealed in self.entries[:through]))

    def batch(self, first: int = 1, last: int | None = None, **changes: Any) -> bytes:
        """Return a batch of the entries `first` to `last` (default: all that follow), as CBOR."""
        chosen = self.entries[first - 1 : last]
        sent = [{"seq": first + n, "canonical": e.canonical, "personal": e.personal} for n, e in enumerate(chosen)]
        message = {"edge": self.enrolled.edge, "epoch": self.epoch, "follows": self.head(first - 1), "entries": sent}
        return cbor2.dumps({"version": 1, **message, **changes})

    def send(self, first: int = 1, last: int | None = None, **changes: Any) -> BatchAck:
        reply = self.ask("POST", "/entries", self.batch(first, last, **changes))
        assert reply.status_code == 200, reply.text
        return BatchAck.model_validate_json(reply.content)

    def send_picture(self, data: bytes, capture: str) -> httpx.Response:
        sha256 = hashlib.sha256(data).hexdigest()
        return self.ask("PUT", f"/pictures/{sha256}?capture={capture}&camera=camera-in", data, stream="pictures")
