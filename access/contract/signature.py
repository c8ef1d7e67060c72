"""Ed25519 signatures over requests and replies between a gate and the registry.

A request is signed over method, target, edge, stream, sequence and body; a reply over the request's signature, its status and
body. So a reply cannot be replayed, and a captive portal's 200 is not an acknowledgement. What a gate has written its
signed checkpoints prove (`access.contract.checkpoints`), not these.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

EDGE_HEADER = "Gatehouse-Edge"
STREAM_HEADER = "Gatehouse-Stream"
SEQUENCE_HEADER = "Gatehouse-Sequence"
SIGNATURE_HEADER = "Gatehouse-Signature"


class SignatureError(Exception):
    """A signature is missing, malformed or wrong; nothing that it covers may be believed."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a request's signature covers. `sequence` rises within each (edge, stream); `target` is path with query."""

    method: str
    target: str
    edge: UUID
    stream: str
    sequence: int
    body: bytes

    def signed_bytes(self) -> bytes:
        """Return the bytes that are signed."""
        digest = hashlib.sha256(self.body).hexdigest()
        lines = (
            "gatehouse-request-1",
            self.method,
            self.target,
            str(self.edge),
            self.stream,
            str(self.sequence),
            digest,
        )
        return "\n".join(lines).encode()

    def headers(self, key: Ed25519PrivateKey) -> dict[str, str]:
        """Return the headers that carry this request's signature under the gate's `key`."""
        return {
            EDGE_HEADER: str(self.edge),
            STREAM_HEADER: self.stream,
            SEQUENCE_HEADER: str(self.sequence),
            SIGNATURE_HEADER: base64.b64encode(key.sign(self.signed_bytes())).decode(),
        }

    def verify(self, key: Ed25519PublicKey, signature: str) -> None:
        """Raise SignatureError unless `signature` (base64) is the gate's."""
        _verify(key, signature, self.signed_bytes())


def sign_reply(key: Ed25519PrivateKey, request_signature: str, status: int, body: bytes) -> str:
    """Return the registry's signature (base64) over a reply to the request that bore `request_signature`."""
    return base64.b64encode(key.sign(_reply_bytes(request_signature, status, body))).decode()


def verify_reply(key: Ed25519PublicKey, request_signature: str, status: int, body: bytes, signature: str) -> None:
    """Raise SignatureError unless the reply is the registry's answer to that very request."""
    _verify(key, signature, _reply_bytes(request_signature, status, body))


def _reply_bytes(request_signature: str, status: int, body: bytes) -> bytes:
    return "\n".join(("gatehouse-reply-1", request_signature, str(status), hashlib.sha256(body).hexdigest())).encode()


def _verify(key: Ed25519PublicKey, signature: str, signed: bytes) -> None:
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("the signature does not match") from error
    verify_bytes(key, raw, signed)


def verify_bytes(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> None:
    """Raise SignatureError unless `signature` over `signed` is of this key."""
    try:
        key.verify(signature, signed)
    except InvalidSignature as error:
        raise SignatureError("the signature does not match") from error


def fingerprint(public_key: bytes) -> str:
    """Return the short form of a raw public key that two people compare on two screens: five groups of four hex digits."""
    digest = hashlib.sha256(public_key).hexdigest()[:20].upper()
    return " ".join(digest[at : at + 4] for at in range(0, 20, 4))
