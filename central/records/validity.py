"""Status and time of validity, which persons, vehicles and cards have alike."""

from datetime import datetime

from central.errors import RegistryError
from central.records.schemas import HolderWanted
from central.tables import Holder


def fill_validity(row: Holder, wanted: HolderWanted) -> None:
    """Set status and validity; RegistryError 422 where it would end before it begins."""
    check_order(wanted)
    row.status, row.valid_from, row.valid_until = wanted.status, wanted.valid_from, wanted.valid_until


def check_order(wanted: HolderWanted) -> None:
    """Raise RegistryError 422 where it would end before it begins."""
    if wanted.valid_from and wanted.valid_until and wanted.valid_until <= wanted.valid_from:
        raise RegistryError("it would end before it begins", 422, "valid_until")


def epoch_s(at: datetime | None) -> int | None:
    """Return the time as the rules tell it: whole epoch seconds UTC."""
    return None if at is None else int(at.timestamp())
