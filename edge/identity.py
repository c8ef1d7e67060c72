"""Who this gate is: its key, made on the device, and what the registry answered at enrolment."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError

from access.contract.sync import EnrolReply
from edge.folders import sync_folder
from edge.places import Places


class IdentityError(Exception):
    """This gate is not enrolled, or its files cannot be used; says what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An enrolled gate: ids, its own private key and the registry's public key."""

    edge: UUID
    gate: UUID
    site: UUID
    lanes: dict[str, UUID]
    key: Ed25519PrivateKey
    registry_key: Ed25519PublicKey


def load_identity(places: Places) -> Identity:
    """Read the identity; raises IdentityError where the gate has not been enrolled."""
    if not places.identity.exists():
        raise IdentityError(
            f"not enrolled: {places.identity} does not exist; run 'gatehouse-edge enrol' with a token of the office"
        )
    try:
        reply = EnrolReply.model_validate_json(places.identity.read_bytes())
        registry_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(reply.registry_key))
    except (ValidationError, ValueError) as error:
        raise IdentityError(f"{places.identity} cannot be used: {error}") from error
    return Identity(reply.edge, reply.gate, reply.site, dict(reply.lanes), device_key(places), registry_key)


def save_identity(places: Places, reply: EnrolReply) -> None:
    """Keep what the registry answered; a crash leaves the old file or the new one."""
    write_private(places.identity, json.dumps(reply.model_dump(mode="json"), indent=1).encode())


def device_key(places: Places) -> Ed25519PrivateKey:
    """Return the gate's private key, making it at the first call."""
    if not places.key.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(places.key, pem)
    try:
        key = serialization.load_pem_private_key(places.key.read_bytes(), password=None)
    except ValueError as error:
        raise IdentityError(f"{places.key} is no private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise IdentityError(f"{places.key} is no Ed25519 key")
    return key


def put_key_aside(places: Places) -> None:
    """Let the next `device_key` make another key; the old one stays beside it, for what it has signed."""
    if places.identity.exists():
        raise IdentityError(f"this gate is enrolled with its key; to give it another, remove {places.identity} first")
    if places.key.exists():
        places.key.replace(places.key.with_name(places.key.name + ".old"))


def public_hex(key: Ed25519PrivateKey) -> str:
    """Return the raw public key as hex, as the contract carries it."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only this user can read, whole or not at all, synced."""
    write_whole(path, content, 0o600)


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a file of this mode whole or not at all, synced, and its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)
