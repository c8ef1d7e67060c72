"""The urgent deny list: who may not pass any more, as a signed file that a person can carry to a gate, or as an answer."""

import base64
import binascii
from typing import Annotated, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field

from access.contract.records import BlockRecord, CardRecord, PassKeyRecord, PersonRecord, VehicleRecord
from access.contract.signature import SignatureError, verify_bytes
from access.contract.sync import Message, Tombstone

DENIED_MAX = 20_000
DENY_LIST_BYTES_MAX = 16 * 1024 * 1024
_FIRST_LINE = b"gatehouse-deny-1"

Denied = Annotated[BlockRecord | CardRecord | VehicleRecord | PersonRecord | PassKeyRecord, Field(discriminator="kind")]


class DenyList(Message):
    """Who is denied as of a revision: blocks in force; credentials, persons and keys of passes not active any more, or `gone`.

    `serial` rises with each list (UTC microseconds of the registry's clock). Where `complete` is not set, it names
    only those that changed last, at most DENIED_MAX: what an earlier list says of others goes on.
    """

    version: Literal[1] = 1
    site: UUID
    serial: Annotated[int, Field(ge=1)]
    revision: Annotated[int, Field(ge=0)]
    complete: bool = True
    denied: Annotated[tuple[Denied, ...], Field(max_length=DENIED_MAX)] = ()
    gone: Annotated[tuple[Tombstone, ...], Field(max_length=DENIED_MAX)] = ()


def signed_list(key: Ed25519PrivateKey, denied: DenyList) -> bytes:
    """Return the file: a first line, the registry's signature (base64) over what follows, and the list as JSON."""
    body = denied.model_dump_json().encode()
    return b"\n".join((_FIRST_LINE, base64.b64encode(key.sign(_FIRST_LINE + b"\n" + body)), body))


def verified_list(key: Ed25519PublicKey, file: bytes) -> DenyList:
    """Return the list of a file that the registry signed. Raises SignatureError, ValueError (pydantic's) for another version."""
    first, _, rest = file.partition(b"\n")
    signature, _, body = rest.partition(b"\n")
    if first != _FIRST_LINE:
        raise SignatureError("this is no deny list of ours")
    try:
        verify_bytes(key, base64.b64decode(signature, validate=True), _FIRST_LINE + b"\n" + body)
    except (SignatureError, binascii.Error) as error:
        raise SignatureError("the deny list is not signed by this gate's registry, or was changed on the way") from error
    return DenyList.model_validate_json(body)
