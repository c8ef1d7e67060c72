"""What time alone does is written down by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

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
from central.workflows.services import Flow
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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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


def is_due(registry: Registry) -> bool:
    with registry.read() as work:
        return Permits().is_due(work)
