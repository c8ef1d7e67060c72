"""Shifts: planned by the roster, served, handed over on a sheet that the registry makes, countersigned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from typing_extensions import override

from access.workflows.events import Event
from access.workflows.shift import (
    WORKFLOW,
    GuardSigned,
    GuardSignedIn,
    HandoverBegun,
    ItemChecked,
    ItemRefused,
    LeaderDecided,
    LeaderSignedFor,
    ReliefMissed,
    ReliefSigned,
    Shift,
    ShiftCancelled,
    ShiftCountersigned,
    ShiftPlanned,
)
from central.actors import Actor
from central.duty.at_booth import tell_shifts
from central.duty.handover import sheet
from central.duty.posts import names_now
from central.duty.services import check_serves, checked_guard
from central.duty.shift_schemas import ShiftDetails, ShiftShown
from central.duty.stints import Stint, lock_roster, stints_around
from central.errors import RegistryError
from central.registry import Work
from central.tables import Site
from central.users.rights import Role
from central.workflows import repository
from central.workflows.schemas import Details, FlowShown
from central.workflows.services import Act, Flow
from central.workflows.shapes import event_of
from central.workflows.tables import WorkflowRecord

PLANNERS: Final[frozenset[Role]] = frozenset({"shift_leader", "site_manager"})
GUARDS: Final[frozenset[Role]] = frozenset({"guard", "shift_leader", "integration"})
# A program acts for whoever it names.
LEADERS: Final[frozenset[Role]] = frozenset({"shift_leader", "integration"})
# What is done at the desk, by planners who need not serve the site themselves.
OF_ROSTER: Final[frozenset[type[Event]]] = frozenset({ShiftPlanned, ShiftCancelled})


def _act(path: str, event: type[Event], roles: frozenset[Role] = GUARDS) -> Act:
    return Act(path, event, roles, by_hand=True)


class Shifts(Flow[Shift]):
    """Shifts; guards act under their badge, by themselves or by a program of the booth on their behalf."""

    workflow = WORKFLOW
    shown = ShiftShown
    details = ShiftDetails
    details_roles = PLANNERS
    prefix = "D"
    fields: Mapping[str, str] = {
        **Flow.fields,
        "item_unknown": "code",
        "item_not_open": "code",
        "item_open": "code",
        "signed_already": "absent",
        "difference_unexplained": "word",
    }
    acts = (
        _act("replan", ShiftPlanned, PLANNERS),
        _act("cancel", ShiftCancelled, PLANNERS),
        _act("sign-in", GuardSignedIn),
        _act("begin-handover", HandoverBegun),
        _act("check-item", ItemChecked),
        _act("refuse-item", ItemRefused),
        _act("relief-missed", ReliefMissed),
        _act("decide", LeaderDecided, LEADERS),
        _act("sign", GuardSigned),
        _act("sign-relief", ReliefSigned),
        _act("sign-for", LeaderSignedFor, LEADERS),
        _act("countersign", ShiftCountersigned, LEADERS),
    )

    @override
    def keys(self, record: Shift, details: Details) -> Iterable[tuple[str, str]]:
        yield from (("day", record.day), ("post", record.post), ("post_id", record.post_id), ("guard", record.guard))
        if record.day:
            year, week, _ = date.fromisoformat(record.day).isocalendar()
            yield "week", f"{year}-W{week:02d}"

    @override
    def get(self, work: Work, record_id: UUID) -> FlowShown:
        """Show a shift; of what was not looked at yet, what is expected now."""
        shown = super().get(work, record_id)
        assert isinstance(shown, ShiftShown)
        if shown.state != "handing_over":
            return shown
        now = self._expected(work, work.session.get_one(Site, shown.site_id), shown.record)
        items = tuple(
            replace(item, expected=now.get(item.code, item.expected)) if item.found is None else item
            for item in shown.record.items
        )
        return shown.model_copy(update={"record": replace(shown.record, items=items)})

    @override
    def act(self, work: Work, record_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None = None) -> FlowShown:
        """Do an act; what the sheet expects is never the sender's to say. RegistryError 403 for who does not serve the site."""
        told = {name: value for name, value in facts.items() if name != "on_behalf_of"}
        if act.event is HandoverBegun:
            told["items"] = ()
        if act.event is ShiftPlanned:
            told["post"] = ""
        row = repository.get(work, self.workflow.name, record_id)
        if act.event not in OF_ROSTER:
            check_serves(work, row.site_id, work.at)
        actor = self._acting(work, row.site_id, facts.get("on_behalf_of"))
        return super().act(replace(work, actor=actor), record_id, act, told, seen)

    @override
    def prepared(self, work: Work, site: Site, record: Shift, event: Event) -> Event:
        """Keep post and time where only the guard is told; make the sheet from what the registry knows."""
        if isinstance(event, ShiftPlanned) and record.state == "planned" and not event.day:
            return self._replanned(work, site, record, event)
        if work.entry is not None and isinstance(event, HandoverBegun | ItemChecked):
            return event  # what the sheet of the booth said is what both looked at
        if isinstance(event, HandoverBegun) and record.state == "on_duty":
            return replace(event, items=sheet(work, site, record))
        if isinstance(event, ItemChecked) and record.state == "handing_over":
            return replace(event, expected=self._expected(work, site, record).get(event.code))
        return event

    @override
    def followed(self, work: Work, site: Site, row: WorkflowRecord, event: Event, before: Shift, after: Shift) -> None:
        """Show at booths who serves around today."""
        tell_shifts(work, site, [row])

    def replan(self, work: Work, row: WorkflowRecord, guard: str) -> None:
        """Let another guard serve the shift of a locked row; the caller has looked at what stands against it."""
        planned = self.record(row)
        facts = {name: getattr(planned, name) for name in ("post", "post_id", "day", "name", "begins", "ends")}
        self.happen(work, row, event_of(ShiftPlanned, facts | {"guard": guard}, work.at, work.actor.who))

    def _expected(self, work: Work, site: Site, record: Shift) -> Mapping[str, str]:
        """Return by their codes what is expected of the items of the sheet now: the site goes on while it is handed over."""
        return {item.code: item.expected for item in sheet(work, site, record)}

    def _replanned(self, work: Work, site: Site, record: Shift, event: ShiftPlanned) -> ShiftPlanned:
        assert record.begins, "every shift is planned by a roster"
        assert record.ends, "every shift is planned by a roster"
        lock_roster(work.session, site.id)
        checked_guard(work, site.id, event.guard, record.begins, "guard")
        day = date.fromisoformat(record.day)
        stints = stints_around(work.session, site.id, (day,))
        post = names_now(work.session, site.id).get(record.post_id, record.post)
        stint = Stint(post, event.guard, record.day, record.name, record.begins, record.ends)
        stints.drop(replace(stint, guard=record.guard))
        if trouble := stints.trouble(stint):
            raise trouble
        event = replace(event, post=record.post, post_id=record.post_id, day=record.day, name=record.name)
        return replace(event, begins=record.begins, ends=record.ends)

    def _acting(self, work: Work, site_id: UUID, badge: str | None) -> Actor:
        """Return who acts: the guard for whom a program does; the program is told where it came from."""
        actor = work.actor
        if actor.role != "integration":
            if badge is not None:
                raise RegistryError("only a program acts on behalf of a guard", 422, "on_behalf_of")
            return actor
        if badge is None:
            raise RegistryError("a program names the guard who acts", 422, "on_behalf_of")
        guard = checked_guard(work, site_id, badge, work.at, "on_behalf_of")
        role = "shift_leader" if guard.is_leader else "guard"
        return replace(actor, name=badge, role=role, origin=f"{actor.origin} {actor.name}".strip())


shifts = Shifts()
