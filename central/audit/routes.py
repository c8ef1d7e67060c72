"""Routes of the audit."""

from fastapi import APIRouter, Depends

from central.audit import services
from central.audit.schemas import AuditQuery, AuditShown
from central.records.desk import ADesk
from central.records.schemas import Page
from central.users.access import allow

router = APIRouter(tags=["audit"], dependencies=[Depends(allow("audit"))])


@router.get("/audit")
def list_audit(desk: ADesk, asked: AuditQuery) -> Page[AuditShown]:
    """List changes of records, newest first."""
    with desk.reading() as work:
        return services.page(work, asked)
