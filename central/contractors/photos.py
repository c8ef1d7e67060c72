"""Photos of workers: drawn anew, small enough for a gate to keep, and dropped with the last pass that bears them."""

import base64
import hashlib
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.contract.booth_records import PHOTO_BYTES_MAX
from access.workflows.contractor_pass import WORKFLOW
from central.contractors.tables import WorkerPhoto
from central.errors import RegistryError
from central.images import as_jpeg, smaller
from central.registry import Work
from central.workflows import repository

# The longest side in pixels; a picture too rich for its bytes is drawn smaller.
SIDE_MAX: Final = 480
BYTES_MAX: Final = 40_000
BOOTH_SIDE_MAX: Final = 320


def small_photo(data: bytes) -> bytes:
    """Return the photo as a small JPEG without metadata; RegistryError 422, and 429 while another picture is read."""
    return as_jpeg(data, SIDE_MAX, BYTES_MAX).data


def keep_photo(work: Work, site_id: UUID, photo: bytes) -> str:
    """Keep a photo of the site, once; returns its SHA-256."""
    sha256 = hashlib.sha256(photo).hexdigest()
    if work.session.get(WorkerPhoto, (site_id, sha256)) is None:
        work.session.add(WorkerPhoto(site_id=site_id, sha256=sha256, data=photo, kept_at=work.at))
        work.session.flush()
    return sha256


def find_photo(work: Work, site_id: UUID, sha256: str) -> bytes:
    """Return a photo of the site; RegistryError 404."""
    row = work.session.get(WorkerPhoto, (site_id, sha256))
    if row is None:
        raise RegistryError("there is no such picture", 404, "id")
    return row.data


def photo_at_booths(session: Session, site_id: UUID, sha256: str) -> str:
    """Return a photo of the site as booths show it, still smaller, as base64; empty where there is none."""
    row = session.get(WorkerPhoto, (site_id, sha256))
    return "" if row is None else _for_booths(row.data)


@lru_cache(maxsize=64)
def _for_booths(photo: bytes) -> str:
    # What happens to a pass tells of it twice, as it was and as it is.
    return base64.b64encode(smaller(photo, BOOTH_SIDE_MAX, PHOTO_BYTES_MAX)).decode()


def has_photo(work: Work, site_id: UUID, sha256: str) -> bool:
    """Tell whether the site has this photo."""
    return work.session.get(WorkerPhoto, (site_id, sha256)) is not None


def drop_unused(work: Work, site_id: UUID, sha256: str) -> None:
    """Drop a photo that no pass of the site bears any more."""
    row = work.session.get(WorkerPhoto, (site_id, sha256))
    if row is not None and not repository.with_key(work.session, site_id, WORKFLOW.name, "photo", sha256):
        work.session.delete(row)
        work.session.flush()
