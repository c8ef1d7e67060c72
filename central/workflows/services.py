"""The life of a workflow's record: opened and moved by events, by the clock too; each event is kept, audited, told to gates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from access.contract.records import AnyRecord
from access.workflows.events import TIME, Elapsed, Event
from access.workflows.machine import NEW, Record, Workflow
from access.workflows.refusals import Refusal, refusal_sentence
from central.access_rules import stream
from central.access_rules.audience import told_to_all
from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryAsked
from central.errors import RegistryError
from central.masking.kinds import Sight
from central.masking.walk import check_no_mask
from central.records import repository as records
from central.records.concurrency import check_seen
from central.records.numbers import next_number
from central.records.schemas import Page
from central.records.turns import take_turn
from central.registry import Work
from central.tables import Site
from central.users.rights import Role
from central.workflows import repository
from central.workflows.clock import each_apart
from central.workflows.schemas import Details, EventsAsked, EventShown, FlowAsked, FlowShown, Opening
from central.workflows.shapes import adapter, event_of
from central.workflows.tables import WorkflowEvent, WorkflowRecord

R = TypeVar("R", bound=Record)
BEFORE = "_before"
FAR = datetime(2201, 1, 1, tzinfo=UTC)
# When one that could not be moved is tried again: many such must not take the turn of all others.
PUT_OFF = timedelta(minutes=10)


class RefusedError(RegistryError):
    """What a state machine refused, in its own words; `code` in the reply is one of access.workflows.refusals.REFUSALS.

    `field` is at fault; where it is none of the request, the record's `state` is.
    """

    def __init__(self, refusal: Refusal, state: str, field: str, zone: tzinfo = UTC) -> None:
        super().__init__(refusal_sentence(refusal, "en", zone), 409, field or "state", {"code": refusal.code, "state": state})
        self._in_chinese = refusal_sentence(refusal, "zh", zone)

    @property
    def chinese(self) -> str:
        """The refusal in Chinese."""
        return self._in_chinese


@dataclass(frozen=True, slots=True)
class Act:
    """One event as an act over the API: `path` names it, `roles` may do it (None: all who may write in the area).

    `by_hand`: its route is the feature's own, because its body is not made of the event's fields.
    """

    path: str
    event: type[Event]
    roles: frozenset[Role] | None = None
    by_hand: bool = False

    def may(self, role: str) -> bool:
        """Tell whether this role may do it at all."""
        return self.roles is None or role in self.roles


class Flow(Generic[R]):
    """One kind of record that a workflow moves. A subclass says how it is opened, found, shown, and told to gates.

    `prefix` begins its numbers; `fields` names, by a refusal's code, the field of the request that is at fault;
    `details_roles` may change the details (None: all who may write in the area).
    """

    workflow: Workflow[R]
    shown: type[FlowShown]
    details: type[Details] = Details
    details_roles: frozenset[Role] | None = None
    acts: tuple[Act, ...] = ()
    prefix = ""
    fields: Mapping[str, str] = {"reason_missing": "reason"}

    @property
    def kind(self) -> str:
        """The name of the kind in the audit."""
        return self.workflow.name

    def keys(self, record: R, details: Details) -> Iterable[tuple[str, str]]:
        """Yield what the record is found by: names of filters and values; empty values are left out."""
        del record, details
        return ()

    def rules(self, site: Site, row: WorkflowRecord, record: R) -> Sequence[AnyRecord]:
        """Return what gates are told of the record; nothing, unless a subclass knows of something."""
        del site, row, record
        return ()

    def prepared(self, work: Work, site: Site, record: R, event: Event) -> Event:
        """Return the event as the registry knows better: references checked, the site's settings filled in; RegistryError 422."""
        del work, site, record
        return event

    def numbered(self, event: Event, number: str) -> Event:
        """Return the first event of a record with the number that the record gets, where the event bears one."""
        del number
        return event

    def check_details(self, work: Work, site: Site, details: Details) -> None:
        """Raise RegistryError 422 naming the field where the details refer to what is not there."""

    def followed(self, work: Work, site: Site, row: WorkflowRecord, event: Event, before: R, after: R) -> None:
        """Do what an event brings with it elsewhere; called after it, before the commit."""

    def audited(self, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the audit keeps of the facts of a record or its details: all, unless a subclass leaves something out."""
        return facts

    def number(self, work: Work, site: Site) -> str:
        """Return the next number of such a record."""
        return f"{self.prefix}{next_number(work, site.id, self.workflow.name):06d}"

    # --- reading ----------------------------------------------------------------------------------

    def record(self, row: WorkflowRecord) -> R:
        """Return the record as it was left by its last event."""
        record: R = adapter(type(self.workflow.blank)).validate_json(row.data)
        return record

    def show(self, work: Work, row: WorkflowRecord) -> FlowShown:
        """Return what is shown of a row, as it is by now."""
        record = self.workflow.ripened(self.record(row), work.at)
        facts = {name: getattr(row, name) for name in ("id", "site_id", "version", "number", "opened_at", "changed_at", "due_at")}
        may = self._open_acts(record, work.actor.role)
        return self.shown.model_validate(
            {**facts, "state": record.state, "record": record, "details": row.details, "may": may}, from_attributes=True
        )

    def get(self, work: Work, record_id: UUID) -> FlowShown:
        """Show a record; RegistryError 404."""
        return self.show(work, repository.get(work, self.workflow.name, record_id))

    def page(self, work: Work, asked: FlowAsked) -> Page[Any]:
        """Show one page of the list; a filter `x_before` asks for what has a key `x` that sorts before it."""
        fixed = set(FlowAsked.model_fields)
        given = asked.model_dump(mode="json", exclude=fixed, exclude_none=True)
        keys = {name: str(value) for name, value in given.items() if not name.endswith(BEFORE)}
        before = {name.removesuffix(BEFORE): str(value) for name, value in given.items() if name.endswith(BEFORE)}
        rows = repository.page(work, self.workflow.name, asked, keys, before)
        items = [self.listed(self.show(work, row)) for row in rows[: asked.limit]]
        return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)

    def listed(self, shown: FlowShown) -> FlowShown:
        """Return what a list shows of a record: all of it, unless a subclass leaves something out."""
        return shown

    def events(self, work: Work, record_id: UUID, asked: EventsAsked) -> Page[EventShown]:
        """Show one page of what happened to a record, in order; RegistryError 404."""
        repository.get(work, self.workflow.name, record_id)
        rows = repository.events(work.session, record_id, asked)
        items = [_event_shown(row) for row in rows[: asked.limit]]
        return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)

    def history(self, work: Work, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
        """Show one page of the changes of a record, newest first; RegistryError 404."""
        repository.get(work, self.workflow.name, record_id)
        return audit.history(work, self.kind, record_id, asked)

    # --- changing ---------------------------------------------------------------------------------

    def open(
        self, work: Work, declared: type[Event], wanted: Opening, facts: Mapping[str, Any], record_id: UUID | None = None
    ) -> FlowShown:
        """Open a record by its first event, made of `facts`; RegistryError 409 where it is refused."""
        site = records.site(work, wanted.site)
        take_turn(work.session, site.id)
        details = getattr(wanted, "details", None) or self.details()
        self.check_details(work, site, details)
        number = self.number(work, site)
        event = self.numbered(event_of(declared, facts, work.at, work.actor.who), number)
        row = WorkflowRecord(
            id=record_id or work.new_id(),
            site_id=site.id,
            version=0,
            workflow=self.workflow.name,
            number=number,
            state=NEW,
            data="",
            details=details.model_dump(mode="json"),
            opened_at=work.at,
            changed_at=work.at,
        )
        return self._moved(work, site, row, self.workflow.blank, event)

    def act(self, work: Work, record_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None = None) -> FlowShown:
        """Do an act on a record; RegistryError 403, 404, and 409 where it is refused or is not as it was `seen` (None: any)."""
        if not act.may(work.actor.role):
            raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)
        row = repository.get(work, self.workflow.name, record_id, changing=True)
        check_seen(work, self.kind, row.id, self.show(work, row).model_dump(mode="json"), seen, facts)
        return self.happen(work, row, event_of(act.event, facts, work.at, work.actor.who))

    def happen(self, work: Work, row: WorkflowRecord, event: Event) -> FlowShown:
        """Let an event happen to a locked row; RegistryError 409 where it is refused.

        What a gate wrote down has its place among what has happened since: that must still be possible behind it.
        """
        site = records.site(work, row.site_id)
        if work.entry is not None and (written := repository.events_of(work.session, row.id)) and written[-1].at > event.at:
            return self._moved_before(work, site, row, event, written)
        return self._moved(work, site, row, self._ripened(work, site, row), event)

    def change_details(self, work: Work, record_id: UUID, details: Details, seen: int | None = None) -> FlowShown:
        """Write down what the office knows of a record besides; RegistryError 403, 404, 409 and 422."""
        if self.details_roles is not None and work.actor.role not in self.details_roles:
            raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)
        row = repository.get(work, self.workflow.name, record_id, changing=True)
        site = records.site(work, row.site_id)
        wanted = details.model_dump(mode="json")
        check_seen(work, self.kind, row.id, {**row.details, "version": row.version}, seen, wanted)
        check_no_mask(Sight(work.actor.role), lambda: type(details).model_construct(**row.details), details.model_dump())
        self.check_details(work, site, details)
        if wanted != row.details:
            record = self.record(row)
            told = told_to_all(self.rules(site, row, record))
            before, row.details = row.details, wanted
            row.version += 1
            row.changed_at = work.at
            self._find_by(work, row, record)
            was, now = self.audited(before), self.audited(wanted)
            audit.note(work, self.kind, row.id, site.id, "changed", version=row.version, before=was, after=now)
            work.session.flush()
            stream.publish(work.session, site, before=told, after=told_to_all(self.rules(site, row, record)))
        return self.show(work, row)

    def is_due(self, work: Work) -> bool:
        """Tell whether time has moved a record."""
        return repository.is_due(work.session, self.workflow.name, work.at)

    def ripen(self, work: Work) -> int:
        """Write down what time alone has done; returns how many records are due no more, not more than one turn's."""

        def move(row: WorkflowRecord) -> None:
            record = self._ripened(work, work.session.get_one(Site, row.site_id), row)
            # Also where nothing happens any more, as after a change of the rules of time.
            row.due_at = self._next_due(record)

        def put_off(row: WorkflowRecord) -> None:
            row.due_at = work.at + PUT_OFF

        return each_apart(work, self.kind, repository.due(work.session, self.workflow.name, work.at), move, put_off)

    def _ripened(self, work: Work, site: Site, row: WorkflowRecord) -> R:
        record = self.record(row)
        while event := self.workflow.due(record, work.at):
            self._moved(work, site, row, record, event)
            record = self.record(row)
        return record

    def _moved(self, work: Work, site: Site, row: WorkflowRecord, record: R, event: Event) -> FlowShown:
        event = event if event.by == TIME else self.prepared(work, site, record, event)
        return self._left(work, site, row, record, event, self._advanced(site, record, event))

    def _moved_before(
        self, work: Work, site: Site, row: WorkflowRecord, event: Event, written: Sequence[WorkflowEvent]
    ) -> FlowShown:
        """Let an event happen ahead of what was written down before it came; what time has done is concluded again."""
        types = {each.__name__: each for each in self.workflow.events}
        events: list[Event] = [adapter(types[each.name]).validate_json(each.data) for each in written if each.name in types]
        told = [each for each in events if not isinstance(each, Elapsed)]
        record = self.workflow.blank
        for each in (one for one in told if one.at <= event.at):
            record = self._advanced(site, self.workflow.ripened(record, each.at), each)
        record = self.workflow.ripened(record, event.at)
        if record.state == NEW:
            self._advanced(site, record, event)  # nothing can be known of it yet
        event = self.prepared(work, site, record, event)
        moved = self._advanced(site, record, event)
        for each in (one for one in told if one.at > event.at):
            moved = self._advanced(site, self.workflow.ripened(moved, each.at), each)
        return self._left(work, site, row, self.record(row), event, moved)

    def _advanced(self, site: Site, record: R, event: Event) -> R:
        moved = self.workflow.advance(record, event)
        if isinstance(moved, Refusal):
            raise RefusedError(moved, record.state, self.fields.get(moved.code, ""), ZoneInfo(site.zone))
        return moved

    def _left(self, work: Work, site: Site, row: WorkflowRecord, record: R, event: Event, moved: R) -> FlowShown:
        """Write down how an event has left the record, and tell of it."""
        told = told_to_all(self.rules(site, row, record)) if row.data else ()
        row.data = adapter(type(moved)).dump_json(moved).decode()
        row.state, row.changed_at, row.due_at = moved.state, max(row.changed_at, work.at), self._next_due(moved)
        row.version += 1
        work.session.add(row)
        records.flush(work.session, "another record of the site has this number")
        self._keep(work, row, event)
        self._find_by(work, row, moved)
        dump = adapter(type(record)).dump_python
        was, now = (self.audited(dump(each, mode="json")) for each in (record, moved))
        act = type(event).__name__
        audit.note(
            work, self.kind, row.id, site.id, act, version=row.version, before=was, after=now, reason=getattr(event, "reason", "")
        )
        work.session.flush()
        stream.publish(work.session, site, before=told, after=told_to_all(self.rules(site, row, moved)))
        self.followed(work, site, row, event, record, moved)
        return self.show(work, row)

    def _keep(self, work: Work, row: WorkflowRecord, event: Event) -> None:
        kept = WorkflowEvent(
            record_id=row.id,
            n=repository.events_so_far(work.session, row.id) + 1,
            id=work.new_id() if work.entry is None or event.by == TIME else work.entry,
            name=type(event).__name__,
            data=adapter(type(event)).dump_json(event).decode(),
            at=event.at,
            by_name=event.by.id,
            by_role=event.by.role,
            origin=work.actor.origin,
        )
        work.session.add(kept)

    def _find_by(self, work: Work, row: WorkflowRecord, record: R) -> None:
        details = self.details.model_validate(row.details)
        keys = {(name, value) for name, value in self.keys(record, details) if value}
        repository.set_keys(work.session, row, keys)

    def _next_due(self, record: R) -> datetime | None:
        event = self.workflow.due(record, FAR)
        return event.at if event else None

    def _open_acts(self, record: R, role: str) -> list[str]:
        cells = self.workflow.moves[record.state]
        return [act.path for act in self.acts if act.may(role) and act.event in cells and not cells[act.event].refusal]


def _event_shown(row: WorkflowEvent) -> EventShown:
    data = adapter(dict).validate_json(row.data)
    facts = {name: getattr(row, name) for name in ("n", "id", "name", "at", "by_name", "by_role", "origin")}
    return EventShown(**facts, data={name: value for name, value in data.items() if name not in ("at", "by")})
