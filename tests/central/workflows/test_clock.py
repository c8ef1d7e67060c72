"""What time alone does is written down by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from access.workflows.permit import (
    WORKFLOW,
    FeesNoted,
    PapersChecked,
    Permit,
    PermitApproved,
    PermitDrafted,
    PermitSubmitted,
    PermitTerms,
)
from central.actors import Actor
from central.registry import Registry, Work
from central.workflows import repository
from central.workflows.clock import clock
from central.workflows.schemas import EventsAsked, FlowShown, Opening
from central.workflows.services import PUT_OFF, Flow
from tests.central.databases import ON_ONE
from tests.waiting import wait_until


class PermitShown(FlowShown):
    record: Permit


class Permits(Flow[Permit]):
    workflow = WORKFLOW
    shown = PermitShown


def approved(work: Work, site: str, days: int) -> Any:
    terms = PermitTerms(owner="李小明", units=("3-1201",), valid_from=work.at, valid_until=work.at + timedelta(days=days))
    drafted = Permits().open(work, PermitDrafted, Opening.model_validate({"site": site}), {"terms": terms})
    row = repository.get(work, "permit", drafted.id, changing=True)
    who: dict[str, Any] = {"at": work.at, "by": work.actor.who}
    events = (
        PermitSubmitted(**who),
        PapersChecked(**who, papers=("proof_of_title",)),
        FeesNoted(**who, fees="none", deposit="none"),
        PermitApproved(**who),
    )
    return [Permits().happen(work, row, event) for event in events][-1]


@ON_ONE
def test_time_moves_what_is_due_and_nothing_else(registry: Registry, admin: httpx.Client, site: str) -> None:
    clerk = Actor("wang.min", "registrar")
    with registry.write(clerk) as work:
        short, long = (approved(work, site, days) for days in (1, 30))
    assert short.due_at == short.opened_at + timedelta(days=1)
    begun = registry.calendar()
    later = replace(registry, calendar=lambda: begun + timedelta(days=2))
    with later.read() as work:
        assert Permits().get(work, short.id).state == "expired", "it is shown as it is by now"
        assert Permits().is_due(work)
    with clock(later, (Permits(),), every_s=0.01):
        wait_until(lambda: not is_due(later))
    with later.read() as work:
        states = [repository.get(work, "permit", each.id).state for each in (short, long)]
        last = Permits().events(work, short.id, EventsAsked()).items[-1]
    assert states == ["expired", "approved"]
    assert (last.name, last.by_role, last.at) == ("PermitExpired", "time", short.due_at)


class NotReady(Permits):
    """A kind that cannot even be asked."""

    def is_due(self, work: Work) -> bool:
        raise ValueError("no such table")


@ON_ONE
def test_what_cannot_be_moved_holds_up_nothing_else(registry: Registry, admin: httpx.Client, site: str) -> None:
    with registry.write(Actor("wang.min", "registrar")) as work:
        one, other, third = (approved(work, site, days) for days in (1, 30, 1))
        # As a changed rule leaves it: due by the table, and nothing to be done by the workflow.
        repository.get(work, "permit", other.id, changing=True).due_at = work.at - timedelta(days=1)
    with registry.write() as work:
        assert (Permits().ripen(work), Permits().is_due(work)) == (1, False)
        assert Permits().get(work, other.id).due_at == other.due_at
    begun = registry.calendar()
    later = replace(registry, calendar=lambda: begun + timedelta(days=2))
    with later.write() as work:
        row = repository.get(work, "permit", one.id, changing=True)
        sound, row.data = row.data, "unreadable"
    with clock(later, (NotReady(), Permits()), every_s=0.01):
        wait_until(lambda: not is_due(later))
    with later.write() as work:
        row = repository.get(work, "permit", one.id, changing=True)
        assert (row.due_at, Permits().get(work, third.id).state) == (work.at + PUT_OFF, "expired")
        row.data = sound
        assert Permits().ripen(replace(work, at=work.at + PUT_OFF)) == 1
        assert row.state == "expired"


def is_due(registry: Registry) -> bool:
    with registry.read() as work:
        return Permits().is_due(work)
