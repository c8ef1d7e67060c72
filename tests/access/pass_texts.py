"""Texts of signed passes as those make them who hold no key, or another: for what must be refused."""

from typing import Any

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.passes import PREFIX, kid_of

SECRET = bytes(range(32))
_PRIVATE = Ed25519PrivateKey.from_private_bytes(SECRET)
PUBLIC = _PRIVATE.public_key().public_bytes_raw()
KID = kid_of(PUBLIC)
EDDSA = -8
CLAIMS: dict[int, Any] = {4: 2000, 5: 1000, 6: 900, 7: bytes(range(16)), -70000: [0, 0, [], 1, 1, [], 0]}


def packed(message: bytes) -> str:
    """Return bytes as the text of a code."""
    return PREFIX + str(base45.b45encode(message), "ascii")


def unpacked(text: str) -> bytes:
    """Return the bytes in the text of a code."""
    return bytes(base45.b45decode(text.removeprefix(PREFIX)))


def made(
    payload: object = CLAIMS,
    *,
    head: object = None,
    unprotected: object = None,
    tag: int = 18,
    signature: bytes | None = None,
    behind: bytes = b"",
) -> str:
    """Return a code that is signed by our key, over whatever it says; with another head, tag or signature where one is given."""
    protected = head if isinstance(head, bytes) else cbor2.dumps({1: EDDSA, 4: KID} if head is None else head, canonical=True)
    inner = payload if isinstance(payload, bytes) else cbor2.dumps(payload, canonical=True)
    own = _PRIVATE.sign(cbor2.dumps(["Signature1", protected, b"", inner]))
    message = [protected, {} if unprotected is None else unprotected, inner, own if signature is None else signature]
    return packed(cbor2.dumps(cbor2.CBORTag(tag, message)) + behind)


def by_algorithm(algorithm: object) -> str:
    """Return a code whose head names another algorithm."""
    return made(head={1: algorithm, 4: KID})
