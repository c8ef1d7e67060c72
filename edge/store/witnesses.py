"""What stands beside a journal and speaks of its end: the head that the gate signed, and what the registry says it has seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from access.contract.checkpoints import Checkpoint, Countersigned
from edge.identity import Identity, IdentityError, load_identity
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.findings import Finding
from edge.store.mark import NOTHING_KNOWN, LastKnown, last_known_of
from edge.store.received import kept_in, reading

CHECKPOINT: Final = "checkpoint"
"""The courier keeps the registry's newest countersignature as a text about this, named `newest`."""
_NEWEST: Final = f"{CHECKPOINT}:newest"
_FILE_BYTES_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What is known of a journal's end from beside it; `acked` is how far the registry has each epoch.

    `findings` are what is wrong with the witnesses themselves. `notes` say which could not be heard.
    """

    signed: Checkpoint | None = None
    known: LastKnown = NOTHING_KNOWN
    countersigned: Countersigned | None = None
    acked: Mapping[UUID, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


NO_WITNESSES: Final = Witnesses()


def witnesses_of(places: Places) -> Witnesses:
    """Read what is beside a gate's journal; changes nothing. To be asked before the journal is read. Raises OSError."""
    try:
        identity = load_identity(places) if places.key.exists() else None
    except IdentityError:
        identity = None
    known = last_known_of(places.journal)
    if identity is None:
        return Witnesses(known=known, notes=("this gate is not enrolled: no signature can be looked at",))
    countersigned, acked, found, notes = _of_registry(places, identity)
    signed, faults = _of_gate(places, identity)
    if countersigned is not None and not faults:
        faults = _behind(signed, countersigned, is_there=places.head.exists())
    return Witnesses(signed, known, countersigned, acked, (*found, *faults), notes)


def _of_gate(places: Places, identity: Identity) -> tuple[Checkpoint | None, list[Finding]]:
    """Return the kept head, where this gate has signed it; one that a former key has signed is of a former enrolment."""
    try:
        with places.head.open("rb") as file:
            head = Checkpoint.model_validate_json(file.read(_FILE_BYTES_MAX))
    except FileNotFoundError:
        return None, []
    except ValidationError:
        return None, [Finding("edit", f"{places.head.name} is no signed head")]
    if _is_signed(head, identity.key.public_key()):
        return (head if head.edge == identity.edge else None), []
    former = _former_key(places.key.with_name(places.key.name + ".old"))
    if former is not None and head.edge != identity.edge and _is_signed(head, former):
        return None, []
    words = f"{places.head.name} names entry {head.seq} of {head.epoch}, and this gate's key has not signed that"
    return None, [Finding("wrong_key", words, head.epoch, head.seq)]


def _former_key(path: Path) -> Ed25519PublicKey | None:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None).public_key()
    except (OSError, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _is_signed(head: Checkpoint, key: Ed25519PublicKey) -> bool:
    return _holds(key, head.signature, head.signed_bytes())


def _holds(key: Ed25519PublicKey, signature: str, signed: bytes) -> bool:
    try:
        key.verify(bytes.fromhex(signature), signed)
    except InvalidSignature:
        return False
    return True


_OfRegistry = tuple[Countersigned | None, Mapping[UUID, int], list[Finding], tuple[str, ...]]


def _of_registry(places: Places, identity: Identity) -> _OfRegistry:
    """Return what the courier keeps of the registry: its newest countersignature, where that holds, and how far it has all."""
    if not places.courier.exists():
        return None, {}, [], ()
    try:
        with reading(places.courier) as (db, _):
            row = db.execute("SELECT text FROM texts WHERE name = ?", (_NEWEST,)).fetchone()
            acked = dict(kept_in(db).acked)
    except (StoreError, ValueError) as error:
        return None, {}, [], (f"what the registry said last cannot be read: {error}",)
    if row is None:
        return None, acked, [], ()
    try:
        told = Countersigned.model_validate_json(row[0])
    except ValidationError:
        return None, acked, [Finding("edit", f"what {places.courier.name} has as the registry's signature is none")], ()
    return (*_judged(told, identity, places.courier.name, acked), ())


def _judged(
    told: Countersigned, identity: Identity, name: str, acked: Mapping[UUID, int]
) -> tuple[Countersigned | None, Mapping[UUID, int], list[Finding]]:
    head = told.checkpoint
    if head.edge != identity.edge:  # of a former enrolment, maybe at another registry
        return None, acked, []
    if not _holds(identity.registry_key, told.signature, told.signed_bytes()):
        words = f"{name} has a countersignature of entry {head.seq} of {head.epoch} that is not by the registry's key"
        return None, acked, [Finding("wrong_key", words, head.epoch, head.seq)]
    if not _is_signed(head, identity.key.public_key()):
        words = f"{name} has a head at entry {head.seq} of {head.epoch} that this gate's key has not signed"
        return None, acked, [Finding("wrong_key", words, head.epoch, head.seq)]
    if told.agrees is False:
        words = f"the registry says that its chain is not this gate's at entry {head.seq} of {head.epoch}"
        return told, acked, [Finding("edit", words, head.epoch, head.seq)]
    return told, acked, []


def _behind(signed: Checkpoint | None, countersigned: Countersigned, *, is_there: bool) -> list[Finding]:
    """Find that the kept head is gone, or an older one: each is kept before the registry is told of it."""
    seen = countersigned.checkpoint
    if not is_there:
        words = f"the signed head beside the journal is gone; the registry has seen that of entry {seen.seq} of {seen.epoch}"
        return [Finding("gap", words, seen.epoch, seen.seq)]
    if signed is None:
        words = f"the signed head beside the journal is of a former enrolment; the registry has seen that of entry {seen.seq}"
        return [Finding("cut_tail", f"{words} of {seen.epoch}", seen.epoch, seen.seq)]
    if signed.epoch == seen.epoch and signed.seq < seen.seq:
        words = f"the signed head beside the journal is of entry {signed.seq}; the registry has seen that of entry {seen.seq}"
        return [Finding("cut_tail", f"{words} of {seen.epoch}", seen.epoch, seen.seq)]
    return []
