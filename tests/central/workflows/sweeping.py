"""Every act of a workflow in every state of it, through the registry: refused as the table says, or open."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from access.workflows.card import WORKFLOW
from access.workflows.events import Event
from access.workflows.machine import NEW
from central.actors import Actor
from central.cards.desk import ACTS, CardsAtDesk
from central.errors import RegistryError
from central.registry import Registry, Work
from central.tables import Card
from central.users.rights import Role
from central.workflows.services import Act, Flow, RefusedError
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord
from tests.access.workflows.cast import told

WHO = "201"


def sweep(
    registry: Registry, site: UUID, flow: Flow[Any], paths: Mapping[str, Sequence[Event]], samples: Sequence[Event], **known: str
) -> int:
    """Try every act of `flow` in every state; returns how many were refused, each by the code of the table.

    `paths`: what leads to a state; `samples`: an event of each act; `known`: what the office knows of the record besides.
    """
    assert paths.keys() == flow.workflow.moves.keys()
    given, refused = {type(event): _facts(event) for event in samples}, 0
    for n, (state, path) in enumerate(paths.items()):
        if state == NEW:
            continue
        with _registry_at(registry, path[-1].at).write(Actor(WHO, "site_manager")) as work:
            row = _kept(work, site, flow, told(flow.workflow, path), f"X{n}", known)
            assert row.state == state
            cells = flow.workflow.moves[state]
            for act in flow.acts:
                able = replace(work, actor=Actor(WHO, _role(act)))
                cell = cells.get(act.event)
                is_open = cell is not None and not cell.refusal
                assert (act.path in flow.show(able, row).may) == is_open, (flow.kind, state, act.path)
                if not is_open:
                    check_refused(flow, able, row, act, given[act.event], "not_now" if cell is None else cell.refusal)
                    refused += 1
            assert (row.version, row.state) == (1, state), "what is refused changes nothing"
    return refused


def sweep_cards(registry: Registry, card: UUID, paths: Mapping[str, Sequence[Event]], samples: Sequence[Event]) -> int:
    """Do as `sweep` at the desk of cards, with a card that is put in each state."""
    given, refused = {type(event): _facts(event) for event in samples}, 0
    for state in paths.keys() - {NEW}:
        with registry.write(Actor(WHO, "site_manager")) as work:
            work.session.get_one(Card, card).state = state
            for act in ACTS:
                cell = WORKFLOW.moves[state].get(act.event)
                if cell is None or cell.refusal:
                    with pytest.raises(RegistryError) as error:
                        CardsAtDesk().act(work, card, act, given[act.event])
                    assert (error.value.status_code, error.value.facts["code"], error.value.facts["state"]) == (
                        *(409, "not_now" if cell is None else cell.refusal, state),
                    ), act.path
                    refused += 1
    return refused


def check_refused(flow: Flow[Any], work: Work, row: WorkflowRecord, act: Act, facts: Mapping[str, Any], code: str) -> None:
    """Check that an act is refused with this code, naming the state."""
    with pytest.raises(RefusedError) as error:
        flow.act(work, row.id, act, facts)
    assert error.value.facts == {"code": code, "state": row.state}, (flow.kind, row.state, act.path)


def _registry_at(registry: Registry, at: datetime) -> Registry:
    return replace(registry, calendar=lambda: at)


def _role(act: Act) -> Role:
    """Return a role whose business the act is."""
    roles: tuple[Role, ...] = ("site_manager", "shift_leader", "guard")
    return next(role for role in roles if act.may(role))


def _facts(event: Event) -> dict[str, Any]:
    return {name: value for name, value in asdict(event).items() if name not in ("at", "by")}


def _kept(work: Work, site: UUID, flow: Flow[Any], record: Any, number: str, known: Mapping[str, str]) -> WorkflowRecord:
    row = WorkflowRecord(
        id=work.new_id(),
        site_id=site,
        version=1,
        workflow=flow.workflow.name,
        number=number,
        state=record.state,
        data=adapter(type(record)).dump_json(record).decode(),
        details=flow.details(**known).model_dump(mode="json"),
        opened_at=work.at,
        changed_at=work.at,
    )
    work.session.add(row)
    work.session.flush()
    return row
