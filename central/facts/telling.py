"""What one entry of a gate contributes to shared facts; pure but for a line in the log."""

import structlog

from access.entries import EntryError
from access.sealing import Opened
from access.sharing import Contribution, contributions

log = structlog.get_logger("central.facts")


def told_by(opened: Opened) -> list[Contribution]:
    """Return what an entry contributes; what cannot be understood of it is told to nobody, and is in the journal."""
    if not opened.fields.get("facts"):
        return []
    try:
        return list(contributions([(opened.stamp.utc_us, opened.body())]).values())
    except (EntryError, TypeError, ValueError, AttributeError) as error:
        log.warning("facts of a form that is none of ours", edge=str(opened.edge), seq=opened.seq, why=type(error).__name__)
        return []
