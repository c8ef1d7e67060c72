"""What the gates send up: entries and pictures; and an entry back, where the gate's own has rotted."""

from collections.abc import Mapping
from contextlib import closing
from itertools import chain
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

import cbor2
import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as WaitedTooLongError

from access.contract.signature import SignedRequest
from access.contract.sync import BatchAck, PictureAck
from central.edges import services as edges
from central.edges.repository import Speaker, locked_edge
from central.edges.requests import Signature, Signed
from central.edges.services import SEQUENCE_MAX, authenticate
from central.edges.trust import quarantine
from central.erasure.journal import is_erased, is_erased_meanwhile
from central.errors import RegistryError
from central.journal import pictures, reading, services
from central.journal.batches import read_batch
from central.journal.reading import Reads
from central.logs import place_of
from central.registry import Registry, TheRegistry

log = structlog.get_logger("central.journal")
router = APIRouter(tags=["journal"])
OUR_FAULT = "a fault of the registry; it has been written down"
# Once as it comes, once without what is here already, once without what collides, and once more for good measure.
READ_MAX: Final = 4


async def _reads(request: Request) -> Reads:
    found: Reads = request.app.state.read
    return found


TheReads = Annotated[Reads, Depends(_reads)]
Capture = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z._:-]+$")]
Camera = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z._:-]*$")]


@router.post("/entries", response_model=BatchAck)
def take_entries(registry: TheRegistry, read: TheReads, signed: Signed, signature: Signature) -> Response:
    """Take in a batch of entries (CBOR); the answer is given after the commit."""
    speaker = edges.known(registry, signed.edge)
    # Before anything is done for who only says that he is this gate.
    edges.check_signature(speaker.public_key, signed, signature)
    try:
        ack = _taken(registry, read, signed, speaker)
    except services.CloneError as clone:
        _quarantine(registry, signed.edge, clone)
        raise
    except (OperationalError, InterfaceError, WaitedTooLongError):
        raise
    except RegistryError:
        registry.speakers.pop(signed.edge, None)
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is written down, and one entry bears it
        ack = _parked(registry, signed, speaker, error)
    for parked in ack.quarantined:
        log.warning("an entry was parked", edge=str(signed.edge), epoch=str(ack.epoch), seq=parked.seq)
    # As bytes: of a model the framework would make them in another thread.
    return Response(ack.model_dump_json(), media_type="application/json")


def _taken(
    registry: Registry, read: Reads, signed: SignedRequest, speaker: Speaker, refused: Mapping[int, str] = MappingProxyType({})
) -> BatchAck:
    """Take a batch in; as often as only its turn to write shows how it is to be read, it is read anew."""
    after, parked = 0, dict(refused)
    for _ in range(READ_MAX):
        home = services.home_of(registry.database.form, speaker, registry.calendar(), after, parked)
        with closing(read(signed.body, home)) as portions:
            begun = next(portions)  # so that nobody waits for its reading with the turn to write in hand
            try:
                with registry.write() as work:
                    edges.admit(work, signed, speaker)
                    return services.take_in(work, speaker, after, chain([begun], portions))
            except edges.ChangedError as changed:
                speaker = registry.speakers[signed.edge] = changed.now
            except services.ReadAgainError as again:
                after = again.after
            except services.CollisionError:
                with registry.read() as work:
                    repeated = services.repeated_ids(work, reading.ids(signed.body, after))
                if repeated.keys() <= parked.keys():
                    raise  # it is something else that the database objects to
                parked |= repeated
    raise RegistryError("these entries collide with others that come at this moment: send them again", 503)


@router.get("/entries/{epoch}/{seq}", response_class=Response)
def give_entry(
    registry: TheRegistry, signed: Signed, signature: Signature, epoch: UUID, seq: Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]
) -> Response:
    """Give a gate back an entry of its own (CBOR), as it came; 404 where it is not here."""
    with registry.write() as work:  # the sequence number of the request is noted
        sent = services.own_entry(work, authenticate(work, signed, signature), epoch, seq)
    return Response(cbor2.dumps(sent.model_dump()), media_type="application/cbor")


def _parked(registry: Registry, signed: SignedRequest, speaker: Speaker, error: Exception) -> BatchAck:
    """Park the entry that we stumble over; RegistryError 500 while it stands among others.

    A fault of ours must not hold a journal up: the gate halves what is refused until the entry at fault stands alone.
    """
    log.error("an entry that the registry stumbles over", edge=str(signed.edge), fault=place_of(error))
    entries = read_batch(signed.body).entries
    if len(entries) != 1:
        raise RegistryError(OUR_FAULT, 500) from error
    return _taken(registry, reading.read_here, signed, speaker, {entries[0].seq: OUR_FAULT})


def _quarantine(registry: Registry, edge_id: UUID, clone: services.CloneError) -> None:
    log.warning("an edge told two histories", edge=str(edge_id))
    with registry.write() as work:
        quarantine(work, edge_id, clone.message)


@router.put("/pictures/{sha256}")
def take_picture(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    capture: Capture,
    camera: Camera = "",
) -> PictureAck:
    """Take in a picture of a capture (JPEG)."""
    with registry.write() as work:
        edge_id = authenticate(work, signed, signature).id
        if is_erased(work.session, sha256):  # a gate that has not heard of it yet
            return PictureAck(sha256=sha256)
    pictures.check_picture(sha256, signed.body)
    # The file first and outside any transaction: a slow disk must not hold the journals up.
    _write(registry, sha256, signed.body)
    with registry.write() as work:
        locked_edge(work.session, edge_id)  # an erasure in this gate's journal is over, or comes after this and finds it
        if not is_erased_meanwhile(work.session, sha256):
            pictures.keep_picture(work, edge_id, sha256, capture, camera, len(signed.body))
            _write(registry, sha256, signed.body)  # nothing, unless retention has just let go of the same picture
    return PictureAck(sha256=sha256)


def _write(registry: Registry, sha256: str, data: bytes) -> None:
    try:
        pictures.write_picture(registry.pictures, sha256, data)
    except OSError as error:
        log.exception("a picture cannot be written")
        raise RegistryError("the picture cannot be stored now", 503) from error
