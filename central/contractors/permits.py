"""Renovation permits: applied for, checked, approved, in force while the work lasts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from typing_extensions import override

from access.contract.records import AnyRecord, PermitRecord
from access.on_record import PERMIT_IN_FORCE
from access.workflows.events import Event
from access.workflows.permit import (
    WORKFLOW,
    FeesNoted,
    PapersChecked,
    Permit,
    PermitApproved,
    PermitChanged,
    PermitDrafted,
    PermitRefused,
    PermitRevoked,
    PermitSentBack,
    PermitSubmitted,
    PermitTerms,
    PermitWithdrawn,
    WorkBegun,
    WorkFinished,
)
from access.workflows.refusals import Refusal
from central.contractors.passes import passes
from central.contractors.privacy import check_texts, sees_all, without_phone
from central.contractors.schemas import PermitDetails, PermitShown, PermitTermsWanted
from central.contractors.tables import PermitSchedule
from central.contractors.terms import OFFICE, expires_soon, identity_of, moment_key, rule_seconds
from central.errors import RegistryError
from central.people.tables import Company
from central.places.settings import settings_of
from central.records import repository as records
from central.records.repository import of_site
from central.registry import Work
from central.tables import Person, Schedule, Site
from central.workflows.schemas import Details, FlowShown
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.tables import WorkflowRecord

# What gates are told of: who was told of a permit in force is told how it ended.
TOLD = PERMIT_IN_FORCE | {"finished", "revoked", "expired"}
OVER = frozenset({"finished", "revoked", "expired", "withdrawn", "refused"})


class Permits(Flow[Permit]):
    """Renovation permits."""

    workflow = WORKFLOW
    shown = PermitShown
    details = PermitDetails
    details_roles = OFFICE
    prefix = "R"
    fields: Mapping[str, str] = {**Flow.fields, "papers_missing": "papers", "not_responsible": "asked_by", "fees_missing": "fees"}
    acts = (
        Act("change-draft", PermitDrafted, OFFICE, by_hand=True),
        Act("submit", PermitSubmitted, OFFICE),
        Act("send-back", PermitSentBack, OFFICE),
        Act("check-papers", PapersChecked, OFFICE),
        Act("note-fees", FeesNoted, OFFICE),
        Act("approve", PermitApproved, OFFICE),
        Act("refuse", PermitRefused, OFFICE),
        Act("withdraw", PermitWithdrawn, OFFICE),
        Act("begin", WorkBegun, OFFICE),
        Act("change", PermitChanged, OFFICE, by_hand=True),
        Act("finish", WorkFinished, OFFICE),
        Act("revoke", PermitRevoked, OFFICE),
    )

    @override
    def keys(self, record: Permit, details: Details) -> Iterable[tuple[str, str]]:
        terms = record.terms
        yield from (("owner", terms.owner), ("responsible", terms.responsible), ("firm", terms.firm))
        yield from (("unit", unit) for unit in terms.units)
        yield "expires", moment_key(terms.valid_until) if record.state in PERMIT_IN_FORCE else ""

    @override
    def check_details(self, work: Work, site: Site, details: Details) -> None:
        """Let the company be one of the site."""
        company = cast("PermitDetails", details).company
        if company is not None:
            of_site(work.session, Company, company, site.id, "company")

    @override
    def numbered(self, event: Event, number: str) -> Event:
        drafted = cast("PermitDrafted", event)
        return replace(drafted, terms=replace(drafted.terms, number=number))

    @override
    def prepared(self, work: Work, site: Site, record: Permit, event: Event) -> Event:
        """Check whom and what the terms refer to, and put in the site's hours where none are given."""
        check_texts(event)
        if isinstance(event, PermitDrafted):
            if work.actor.role not in OFFICE:
                raise RefusedError(Refusal("office_only"), record.state, "")
            terms = event.terms
            schedule = terms.schedule or _text(settings_of(work.session, site.id).work_hours_schedule)
            terms = replace(terms, number=record.terms.number or terms.number, schedule=schedule)
            _check_references(work, site, terms)
            return replace(event, terms=terms)
        if isinstance(event, PermitChanged) and event.valid_until <= record.terms.valid_from:
            raise RegistryError("it would end before it begins", 422, "valid_until")
        return event

    @override
    def followed(self, work: Work, site: Site, row: WorkflowRecord, event: Event, before: Permit, after: Permit) -> None:
        """Keep the schedule while the permit may still need it, and let no pass end later than its permit."""
        _keep_schedule(work, row, after)
        if after.state in TOLD:
            end = after.terms.valid_until if after.state in PERMIT_IN_FORCE else after.ended_at
            passes.cut_short(work, site, row.id, end, event.by)
            passes.show_anew(work, site, row.id)

    @override
    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Write down what the office knows of a permit besides; booths show whom to call for its passes."""
        shown = super().change_details(work, record_id, details, seen)
        passes.show_anew(work, records.site(work, shown.site_id), record_id)
        return shown

    @override
    def rules(self, site: Site, row: WorkflowRecord, record: Permit) -> Sequence[AnyRecord]:
        """Tell units, dates, hours and workers of what is, or lately was, in force; no names."""
        if record.state not in TOLD or record.forgotten:
            return ()
        terms = record.terms
        return (
            PermitRecord(
                id=row.id,
                number=row.number,
                status=cast("Any", record.state),
                units=terms.units,
                valid_from=rule_seconds(terms.valid_from),
                valid_until=rule_seconds(terms.valid_until),
                schedule=UUID(terms.schedule) if terms.schedule else None,
                workers_max=terms.workers,
            ),
        )

    @override
    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        """Show a permit as it is by now; the whole telephone to the office only."""
        shown = cast("PermitShown", super().show(work, row))
        if shown.state in PERMIT_IN_FORCE:
            shown = shown.model_copy(update={"expires_soon": expires_soon(work, row.site_id, shown.valid_until)})
        return shown if sees_all(work) else shown.model_copy(update={"details": shown.details.model_copy(update={"phone": ""})})

    @override
    def audited(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        return without_phone(facts)


permits = Permits()


def terms_of(wanted: PermitTermsWanted) -> dict[str, Any]:
    """Return the terms of an application as its event has them; RegistryError 422 where it would end before it begins."""
    if wanted.valid_until <= wanted.valid_from:
        raise RegistryError("it would end before it begins", 422, "valid_until")
    return wanted.model_dump(mode="json", include=set(PermitTermsWanted.model_fields))


def _keep_schedule(work: Work, row: WorkflowRecord, permit: Permit) -> None:
    """Keep the schedule from being deleted while the permit may still need it."""
    kept = work.session.get(PermitSchedule, row.id)
    wanted = UUID(permit.terms.schedule) if permit.terms.schedule and permit.state not in OVER else None
    if kept is not None and kept.schedule_id != wanted:
        work.session.delete(kept)
        work.session.flush()
        kept = None
    if kept is None and wanted is not None:
        work.session.add(PermitSchedule(permit_id=row.id, schedule_id=wanted))
        work.session.flush()


def _check_references(work: Work, site: Site, terms: PermitTerms) -> None:
    for field, who in (("owner", terms.owner), ("responsible", terms.responsible)):
        identity = identity_of(who)
        if identity:
            of_site(work.session, Person, identity, site.id, field)
    if terms.schedule:
        of_site(work.session, Schedule, UUID(terms.schedule), site.id, "schedule")


def _text(identity: UUID | None) -> str:
    return str(identity) if identity else ""
