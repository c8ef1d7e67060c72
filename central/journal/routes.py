"""What the gates send up: entries and pictures; and an entry back, where the gate's own has rotted."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import cbor2
import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from access.contract.sync import BatchAck, PictureAck
from central.edges.requests import Signature, Signed
from central.edges.services import SEQUENCE_MAX, authenticate
from central.edges.trust import quarantine
from central.errors import RegistryError
from central.journal import pictures, reading, services
from central.journal.ahead import ahead
from central.journal.batches import read_batch
from central.journal.reader import WORTHWHILE_BYTES
from central.journal.reading import Portion, Reads
from central.registry import Registry, TheRegistry

log = structlog.get_logger("central.journal")
router = APIRouter(tags=["journal"])
OUR_FAULT = "a fault of the registry; it has been written down"


async def _reads(request: Request) -> Reads:
    found: Reads = request.app.state.read
    return found


TheReads = Annotated[Reads, Depends(_reads)]
Capture = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z._:-]+$")]
Camera = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z._:-]*$")]


@router.post("/entries", response_model=BatchAck)
def take_entries(registry: TheRegistry, read: TheReads, signed: Signed, signature: Signature) -> Response:
    """Take in a batch of entries (CBOR); the answer is given after the commit."""

    def take(portions: Iterator[Portion]) -> BatchAck:
        with registry.write() as work:
            return services.take_in(work, authenticate(work, signed, signature), portions)

    body, form = signed.body, registry.database.form
    try:
        ack = take(ahead(read(body, form)) if len(body) >= WORTHWHILE_BYTES else iter(list(reading.read(body, form))))
    except services.CloneError as clone:
        _quarantine(registry, signed.edge, clone)
        raise
    except (SQLAlchemyError, RegistryError):
        raise
    except Exception as error:
        # A fault of ours must not hold a journal up: the gate halves what is refused until the entry at fault stands alone.
        log.exception("an entry that the registry stumbles over", edge=str(signed.edge))
        if len(read_batch(body).entries) != 1:
            raise RegistryError(OUR_FAULT, 500) from error
        ack = take(reading.give_up(body, OUR_FAULT))
    for parked in ack.quarantined:
        log.warning("an entry was parked", edge=str(signed.edge), epoch=str(ack.epoch), seq=parked.seq, reason=parked.reason)
    # As bytes: of a model the framework would make them in another thread.
    return Response(ack.model_dump_json(), media_type="application/json")


@router.get("/entries/{epoch}/{seq}", response_class=Response)
def give_entry(
    registry: TheRegistry, signed: Signed, signature: Signature, epoch: UUID, seq: Annotated[int, Path(ge=1, le=SEQUENCE_MAX)]
) -> Response:
    """Give a gate back an entry of its own (CBOR), as it came; 404 where it is not here."""
    with registry.write() as work:  # the sequence number of the request is noted
        sent = services.own_entry(work, authenticate(work, signed, signature), epoch, seq)
    return Response(cbor2.dumps(sent.model_dump()), media_type="application/cbor")


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
    pictures.check_picture(sha256, signed.body)
    # The file first and outside any transaction: a slow disk must not hold the journals up.
    try:
        pictures.write_picture(registry.pictures, sha256, signed.body)
    except OSError as error:
        log.exception("a picture cannot be written")
        raise RegistryError("the picture cannot be stored now", 503) from error
    with registry.write() as work:
        pictures.keep_picture(work, edge_id, sha256, capture, camera, len(signed.body))
    return PictureAck(sha256=sha256)
