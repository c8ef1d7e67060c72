"""What a host does by link: announce visitors, answer for those who ask, take a visit back; nothing of any other host."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from access.workflows.visit import VisitAnnounced, VisitApproved, VisitCancelled, VisitRefused
from central.errors import RegistryError
from central.records.schemas import Page
from central.registry import Work
from central.tables import Person
from central.visits.links import the_host
from central.visits.schemas import HostVisitsAsked, HostVisitShown, HostVisitWanted, VisitDetails, VisitShown, VisitWanted
from central.visits.services import facts_of, visits
from central.workflows import repository
from central.workflows.schemas import FlowAsked, FlowShown
from central.workflows.services import Act
from central.workflows.tables import WorkflowKey, WorkflowRecord

CATEGORY = "appointment"
OPEN_MAX = 20
APPROVE = Act("approve", VisitApproved)
REFUSE = Act("refuse", VisitRefused)
CANCEL = Act("cancel", VisitCancelled)
ANSWERS = frozenset(act.path for act in (APPROVE, REFUSE, CANCEL))


def page(work: Work, asked: HostVisitsAsked) -> Page[HostVisitShown]:
    """Show one page of the visits that the host may answer for."""
    flow_asked = FlowAsked.model_validate(asked.model_dump())
    found = repository.page(work, visits.workflow.name, flow_asked, {"answers": str(the_host(work).id)})
    items = [_shown(visits.show(work, row)) for row in found[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(found) > asked.limit else None)


def announce(work: Work, wanted: HostVisitWanted) -> HostVisitShown:
    """Announce visitors of the host, and approve them in the same breath; RegistryError 409 where too many are open."""
    host = the_host(work, changing=True)
    if _open_visits(work, host) >= OPEN_MAX:
        raise RegistryError("a host has at most {most} open visits: cancel one first", 409, most=OPEN_MAX)
    given = wanted.model_dump()
    details = VisitDetails(**{name: given.pop(name) for name in ("name", "phone", "company", "purpose")})
    visit = VisitWanted(site=host.site_id, category=CATEGORY, host_person=host.id, details=details, **given)
    opened = visits.open(work, VisitAnnounced, visit, facts_of(visit))
    return _shown(visits.act(work, opened.id, APPROVE, {}))


def answer(work: Work, visit_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None) -> HostVisitShown:
    """Let the host answer for a visit; RegistryError 404 for one of another host, 409 where it is refused."""
    row = own_visit(work, visit_id, changing=True)
    _check_seen(_shown(visits.show(work, row)), seen)
    return _shown(visits.act(work, visit_id, act, facts))


def own_visit(work: Work, visit_id: UUID, *, changing: bool = False) -> WorkflowRecord:
    """Return a visit that the host may answer for; RegistryError 404 for one of another host."""
    host = the_host(work)
    row = repository.get(work, visits.workflow.name, visit_id, changing=changing)
    terms = visits.record(row).terms
    if str(host.id) not in (terms.host, *terms.deputies):
        repository.get(work, visits.workflow.name, UUID(int=0))
    return row


def _check_seen(shown: HostVisitShown, seen: int | None) -> None:
    """Raise RegistryError 409 unless the visit is as its host has `seen` it; no more is told than a host may see."""
    if seen in (None, shown.version):
        return
    facts = {"current": shown.model_dump(mode="json"), "difference": [], "changes": []}
    raise RegistryError("somebody has changed this meanwhile: look at the difference and send it again", 409, "If-Match", facts)


def _open_visits(work: Work, host: Person) -> int:
    query = select(func.count()).select_from(WorkflowRecord).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id)
    named = (WorkflowKey.site_id == host.site_id, WorkflowKey.name == "host", WorkflowKey.value == str(host.id))
    is_open = WorkflowRecord.state.in_(("announced", "approved"))
    return work.session.scalars(query.where(WorkflowRecord.workflow == visits.workflow.name, is_open, *named)).one()


def _shown(shown: FlowShown) -> HostVisitShown:
    assert isinstance(shown, VisitShown)
    record, terms = shown.record, shown.record.terms
    return HostVisitShown(
        id=shown.id,
        version=shown.version,
        number=shown.number,
        state=shown.state,
        name=shown.details.name,
        company=shown.details.company,
        purpose=shown.details.purpose,
        plates=terms.plates,
        party=terms.party,
        inside=record.inside,
        uses=terms.uses,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        answer_by=terms.answer_by,
        may=[path for path in shown.may if path in ANSWERS],
    )
