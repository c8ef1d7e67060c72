"""Routes of privacy: what a site's notice says, the notice and the sign, and a copy of somebody's data."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from central.privacy import notice, settings, subject
from central.privacy.schemas import Language, PrivacySettings, PrivacyShown, SubjectWanted
from central.records.desk import ADesk, AWritingDesk, Seen
from central.records.openapi import CREATES, READS, WRITES, problems
from central.users.access import allow

ZIP = "application/zip"
FILE = {200: {"description": "The file", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}, **CREATES}
PAGES = {200: {"description": "The page", "content": {"text/html": {"schema": {"type": "string"}}}}, **READS, **problems(409)}
router = APIRouter(tags=["privacy"])
of_site = APIRouter(prefix="/sites/{record_id}/privacy", dependencies=[Depends(allow("privacy"))])
subjects = APIRouter(prefix="/subjects", dependencies=[Depends(allow("subjects"))])


@of_site.get("", operation_id="get_privacy_settings", responses=READS, response_model=PrivacyShown)
def get_privacy(desk: ADesk, record_id: UUID) -> Response:
    """Show who answers for the data of a site."""
    return desk.show(lambda work: settings.get(work, record_id))


@of_site.put("", operation_id="change_privacy_settings", responses=WRITES, response_model=PrivacyShown)
def change_privacy(desk: AWritingDesk, record_id: UUID, wanted: PrivacySettings, seen: Seen) -> Response:
    """Set who answers for the data of a site, as a whole."""
    return desk.change(lambda work: settings.change(work, record_id, wanted, seen))


@of_site.get("/notice", operation_id="get_privacy_notice", responses=PAGES, response_class=HTMLResponse)
def get_notice(desk: ADesk, record_id: UUID, lang: Language = "zh") -> Response:
    """Give the privacy notice of a site as a page: to print, or to put on its own pages."""
    with desk.reading() as work:
        page = notice.notice(notice.facts_of(work, record_id), lang)
    return HTMLResponse(page, headers={"Content-Security-Policy": notice.POLICY})


@of_site.get("/sign", operation_id="get_privacy_sign", responses=PAGES, response_class=HTMLResponse)
def get_sign(desk: ADesk, record_id: UUID) -> Response:
    """Give the sign that hangs at the gates of a site, in both languages: one sheet of A4 to print."""
    with desk.reading() as work:
        page = notice.sign(notice.facts_of(work, record_id))
    return HTMLResponse(page, headers={"Content-Security-Policy": notice.POLICY})


@subjects.post("/export", operation_id="export_subject", responses=FILE, response_class=Response)
def export_subject(desk: AWritingDesk, wanted: SubjectWanted) -> Response:
    """Give a copy (ZIP) of all that is kept of somebody; that it was given, and what for, is in the audit."""
    copy = subject.export(desk.registry, desk.visitor.actor, wanted)
    named = {"Content-Disposition": 'attachment; filename="subject.zip"', "Cache-Control": "no-store"}
    return Response(copy.archive, media_type=ZIP, headers=named)


router.include_router(of_site)
router.include_router(subjects)
