"""Codes that are read off papers at a post, where the registry itself is asked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.passes import PassKey, is_signed, shown
from access.workflows.contractor_pass import WORKFLOW, part_code
from central.codes.keys import RETIRED, REVOKED
from central.codes.tables import PassKeyRow
from central.tables import Site
from central.workflows.tables import WorkflowRecord


def read_off(session: Session, site: Site, text: str, at: datetime) -> str:
    """Return what people read on the part of a pass whose code this is: its number and mark; any other text as it is.

    Of a code that is none of the site's passes, or not good, what it may be called: nobody's number.
    """
    if not is_signed(text):
        return text
    query = select(PassKeyRow).where(PassKeyRow.site_id == site.id, PassKeyRow.status != RETIRED)
    keys = {
        bytes.fromhex(row.kid): PassKey(bytes.fromhex(row.kid), row.public_key, row.status == REVOKED)
        for row in session.scalars(query)
    }
    seen = shown(text, keys, at_s=int(at.timestamp()))
    row = session.get(WorkflowRecord, seen.says.id) if seen.says else None
    if seen.says is None or row is None or row.workflow != WORKFLOW.name or row.site_id != site.id:
        return seen.name
    return part_code(row.number, seen.says.part)
