"""What the gates send up: entries and pictures."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Query

from access.contract.sync import BatchAck, PictureAck
from central.edges.requests import Signature, Signed
from central.edges.services import authenticate
from central.edges.trust import quarantine
from central.journal import pictures, services
from central.journal.batches import read_batch
from central.registry import TheRegistry

log = structlog.get_logger("central.journal")
router = APIRouter(tags=["journal"])

Capture = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z._:-]+$")]
Camera = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z._:-]*$")]


@router.post("/entries")
def take_entries(registry: TheRegistry, signed: Signed, signature: Signature) -> BatchAck:
    """Take in a batch of entries (CBOR); the answer is given after the commit."""
    try:
        batch = read_batch(signed.body)
        arrived = services.read_entries(batch)
        with registry.write() as work:
            edge = authenticate(work, signed, signature)
            ack = services.take_in(work, edge, batch, arrived)
    except services.CloneError as clone:
        log.warning("an edge told two histories", edge=str(signed.edge))
        with registry.write() as work:
            quarantine(work, signed.edge, clone.message)
        raise
    for parked in ack.quarantined:
        log.warning("an entry was parked", edge=str(signed.edge), epoch=str(ack.epoch), seq=parked.seq, reason=parked.reason)
    return ack


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
    pictures.write_picture(registry.pictures, sha256, signed.body)
    with registry.write() as work:
        pictures.keep_picture(work, edge_id, sha256, capture, camera, len(signed.body))
    return PictureAck(sha256=sha256)
