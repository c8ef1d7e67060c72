"""Visits: announced or asked for at the gate, checked against what the site has set and against who is not let in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from typing_extensions import override

from access.workflows.events import NEVER, Event
from access.workflows.visit import (
    PARTY_MAX,
    WORKFLOW,
    CardGivenBack,
    CardLent,
    Category,
    HostAgreed,
    LentCardLost,
    Visit,
    VisitAnnounced,
    VisitApproved,
    VisitAsked,
    VisitCancelled,
    VisitorsArrived,
    VisitorsLeft,
    VisitRefused,
    VisitTerms,
    open_items,
)
from central.audit.schemas import AuditShown, HistoryAsked
from central.codes.claims import of_visit
from central.codes.issuing import issued_if_possible
from central.errors import RegistryError
from central.people.names import masked
from central.places.settings import SiteSettings, settings_of
from central.records.concurrency import check_seen
from central.records.repository import of_site
from central.records.repository import site as site_of
from central.records.schemas import Page
from central.registry import Work
from central.tables import Gate, Person, Site
from central.visits import lending
from central.visits.at_booth import is_at_booths
from central.visits.deny_list import check_plates, check_visitor
from central.visits.identity import folded_name, known_tail, tail_of
from central.visits.links import is_host
from central.visits.privacy import sees_phones, without
from central.visits.schemas import VisitDetails, VisitShown, VisitWanted
from central.visits.telling import is_told, tell
from central.workflows import repository
from central.workflows.schemas import Details, FlowShown
from central.workflows.services import Act, Flow
from central.workflows.tables import WorkflowRecord

# Who has come to be unwanted since is stopped at each of these.
ADMITTING = (VisitApproved, HostAgreed, VisitorsArrived)
AT_A_GATE = (HostAgreed, VisitorsArrived, VisitorsLeft)
# What was announced and approved of a visitor: the rest a guard may add.
ANNOUNCED = ("name", "phone", "company", "purpose")
INSTANT = timedelta(microseconds=1)
NO_PHONE: Mapping[str, None] = {"phone": None}
# As long as gates know names of hosts.
TOLD_MAX = 200


class Visits(Flow[Visit]):
    """Visits."""

    workflow = WORKFLOW
    shown = VisitShown
    details = VisitDetails
    prefix = "V"
    fields: Mapping[str, str] = {
        **Flow.fields,
        "category_turned_away": "category",
        "wrong_gate": "gate",
        "visit_used_up": "people",
        "party_full": "people",
        "more_left_than_inside": "people",
        "obligations_open": "met",
        "no_standing_rule": "means",
        "card_lent_already": "card",
        "card_not_lent": "card",
    }
    acts = (
        Act("approve", VisitApproved),
        Act("refuse", VisitRefused),
        Act("cancel", VisitCancelled),
        Act("agree", HostAgreed),
        Act("arrive", VisitorsArrived),
        Act("leave", VisitorsLeft),
        Act("lend-card", CardLent),
        Act("give-back-card", CardGivenBack),
        Act("lose-card", LentCardLost),
    )

    @override
    def keys(self, record: Visit, details: Details) -> Iterable[tuple[str, str]]:
        assert isinstance(details, VisitDetails)
        terms = record.terms
        yield from (("host", terms.host), ("unit", terms.unit), ("category", terms.category.code))
        yield from (("name", details.name), ("phone_tail", known_tail(details.model_dump())))
        yield from (("answers", host) for host in (terms.host, *terms.deputies))
        yield from (("plate", plate) for plate in terms.plates)
        yield from (("card", card) for card in record.lent)
        yield from (("date", day) for day in _days(terms))
        yield "open", str(bool(open_items(record)))

    @override
    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        """Show a visit as it is by now; the whole telephone to the office only."""
        shown = super().show(work, row)
        assert isinstance(shown, VisitShown)
        told: dict[str, Any] = {"phone_tail": known_tail(shown.details.model_dump()), "open_items": open_items(shown.record)}
        if not sees_phones(work):
            told["details"] = shown.details.model_copy(update=NO_PHONE)
        return shown.model_copy(update=told)

    @override
    def history(self, work: Work, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
        """Show one page of the changes of a visit, newest first, the telephone to the office only; RegistryError 404."""
        found = super().history(work, record_id, asked)
        return found if sees_phones(work) else without(found, "phone")

    @override
    def audited(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep no more of a telephone than its last digits: not all who read the audit may see it."""
        return {**facts, "phone": f"****{tail_of(facts['phone'])}"} if facts.get("phone") else facts

    @override
    def check_details(self, work: Work, site: Site, details: Details) -> None:
        assert isinstance(details, VisitDetails)
        if not folded_name(details.name):
            raise RegistryError("the visitor's name is needed", 422, "details.name")
        check_visitor(work, site, details.name, details.phone, known_tail(details.model_dump()))

    @override
    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Write down what is known of the visitor; a telephone that is not given stays. RegistryError 404, 409 and 422."""
        assert isinstance(details, VisitDetails)
        row = repository.get(work, self.workflow.name, record_id, changing=True)
        if not sees_phones(work):
            # Told here what has changed meanwhile: below it would be told with the telephone.
            stand = {**row.details, **NO_PHONE, "version": row.version}
            check_seen(work, self.kind, row.id, stand, seen, details.model_dump(mode="json"))
            self._check_own(work, row, details)
        end = details.phone_end or row.details.get("phone_end", "")
        as_it_was = {"phone": row.details["phone"], "phone_end": end}
        kept = details if details.phone else details.model_copy(update=as_it_was)
        shown = super().change_details(work, record_id, kept, seen)
        tell(work, site_of(work, row.site_id), [row])
        return shown

    def _check_own(self, work: Work, row: WorkflowRecord, details: VisitDetails) -> None:
        """Raise RegistryError 403 where a guard would change who was announced; whom nobody announced the guard writes down."""
        was = VisitDetails.model_validate(row.details)
        given = {"phone": was.phone} if details.phone is None else {}
        wanted = details.model_copy(update=given)
        changed = [name for name in ANNOUNCED if getattr(wanted, name) != getattr(was, name)]
        if changed and self.show(work, row).state != "asked":
            raise RegistryError("the role {role} may not do this", 403, f"details.{changed[0]}", role=work.actor.role)

    @override
    def act(self, work: Work, record_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None = None) -> FlowShown:
        """Do an act on a visit; RegistryError 403, 404, 409 and 422."""
        if not 1 <= facts.get("people", 1) <= PARTY_MAX:
            raise RegistryError("a party has 1 to {most} persons", 422, "people", most=PARTY_MAX)
        return super().act(work, record_id, act, facts, seen)

    @override
    def happen(self, work: Work, row: WorkflowRecord, event: Event) -> FlowShown:
        """Let an event happen to a locked row; RegistryError 409 where it is refused, or who is to be let in is denied."""
        if isinstance(event, ADMITTING):
            site = site_of(work, row.site_id)
            self.check_details(work, site, VisitDetails.model_validate(row.details))
            check_plates(work, site, self.record(row).terms.plates)
        if not isinstance(event, lending.OfCard):
            return super().happen(work, row, event)
        card, event = lending.card_of(work, row, event)
        shown = super().happen(work, row, event)
        lending.move(work, row, card, event)
        tell(work, site_of(work, row.site_id), [row])
        return shown

    @override
    def prepared(self, work: Work, site: Site, record: Visit, event: Event) -> Event:
        if isinstance(event, VisitAnnounced | VisitAsked):
            return replace(event, terms=_completed(work, site, event.terms))
        if isinstance(event, AT_A_GATE):
            _check_gates(work, site, (event.gate,), "gate")
        if (
            isinstance(event, HostAgreed)
            and event.said_by in (record.terms.host, *record.terms.deputies)
            and _is_id(event.said_by)
        ):
            _host(work, site, event.said_by, "said_by")
        return event

    @override
    def followed(self, work: Work, site: Site, row: WorkflowRecord, event: Event, before: Visit, after: Visit) -> None:
        """Tell gates of the visit, and of its plates where it begins or ceases to let them in; one approved gets its code."""
        if isinstance(event, VisitApproved):
            issued_if_possible(work, site, of_visit(work.session, site, row, after))
        if is_told(before) or is_told(after):
            tell(work, site, [row], after.terms.plates)
        elif is_at_booths(before) or is_at_booths(after):
            tell(work, site, [row])


visits = Visits()


def facts_of(wanted: VisitWanted) -> Mapping[str, Any]:
    """Return what is wanted of a visit as the facts of its first event; RegistryError 422 naming the field."""
    named = {
        "host_person": str(wanted.host_person or ""),
        "host_unit": wanted.host_unit,
        "host_department": wanted.host_department,
    }
    hosts = [host for host in named.values() if host]
    if len(hosts) != 1:
        raise RegistryError("a visit has one host: a person, a unit or a department", 422, "host_person")
    if wanted.valid_from and wanted.valid_until <= wanted.valid_from:
        raise RegistryError("it would end before it begins", 422, "valid_until")
    terms = wanted.model_dump(include={"party", "uses", "gates", "plates", "valid_until", "answer_by"})
    deputies = tuple(dict.fromkeys(map(str, wanted.deputies)))
    since = {"valid_from": wanted.valid_from or NEVER, "plates": tuple(dict.fromkeys(wanted.plates))}
    called = {"host": hosts[0], "host_name": hosts[0], "unit": wanted.host_unit, "deputies": deputies}
    return {"terms": {**terms, **since, **called, "category": {"code": wanted.category}}}


def _completed(work: Work, site: Site, terms: VisitTerms) -> VisitTerms:
    """Return what was asked for as the site has it: category, window and time to answer; RegistryError 422 and 409."""
    settings = settings_of(work.session, site.id)
    _check_gates(work, site, terms.gates, "gates")
    if terms.answer_by is not None and terms.answer_by <= work.at:
        raise RegistryError("the time to answer is over already", 422, "answer_by")
    for deputy in terms.deputies:
        _host(work, site, deputy, "deputies")
    check_plates(work, site, terms.plates)
    terms = replace(_with_host(work, site, terms), category=_category(settings, terms.category.code))
    since, until = _window(work.at, settings, terms)
    answer_by = min(filter(None, (terms.answer_by, work.at + timedelta(minutes=settings.host_answer_minutes))))
    zone = ZoneInfo(site.zone)
    return replace(
        terms,
        valid_from=since.astimezone(zone),
        valid_until=until.astimezone(zone),
        answer_by=answer_by.astimezone(zone),
    )


def _with_host(work: Work, site: Site, terms: VisitTerms) -> VisitTerms:
    """Return terms with the name by which gates may call the host, and the unit of a host who is a person."""
    if not _is_id(terms.host):
        return terms
    person = _host(work, site, terms.host, "host_person")
    called = f"{person.unit} {masked(person.name)}".strip()[:TOLD_MAX]
    return replace(terms, host=str(person.id), host_name=called, unit=person.unit)


def _host(work: Work, site: Site, person_id: str, field: str) -> Person:
    """Return who is to answer for visitors; RegistryError 422 for one who has no rights here any more."""
    person = of_site(work.session, Person, UUID(person_id), site.id, field)
    if not is_host(work, person):
        raise RegistryError("who is not active, or no longer, has no visitors", 422, field)
    return person


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _category(settings: SiteSettings, code: str) -> Category:
    found = next((category for category in settings.visitor_categories if category.code == code), None)
    if found is None:
        raise RegistryError("the site has no such category of visitors", 422, "category")
    return Category(found.code, found.obligations, found.admitted, found.standing_rule)


def _window(now: datetime, settings: SiteSettings, terms: VisitTerms) -> tuple[datetime, datetime]:
    since, until = now if terms.valid_from == NEVER else terms.valid_from, terms.valid_until
    if until <= max(since, now):
        raise RegistryError("the visit would be over before it begins", 422, "valid_until")
    if until - since > timedelta(hours=settings.visit_hours_max):
        raise RegistryError("a visit lasts at most {hours} hours here", 422, "valid_until", hours=settings.visit_hours_max)
    return since, until


def _check_gates(work: Work, site: Site, gates: Sequence[str], field: str) -> None:
    known = set(work.session.scalars(select(Gate.slug).where(Gate.site_id == site.id, Gate.slug.in_(gates))))
    if not known.issuperset(gates):
        raise RegistryError("the site has no such gate", 422, field)


def _days(terms: VisitTerms) -> Iterable[str]:
    """Yield the days of the window, which is told in the site's zone."""
    day, last = terms.valid_from.date(), (terms.valid_until - INSTANT).date()
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)
