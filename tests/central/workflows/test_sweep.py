"""Whatever the table of a workflow forbids is forbidden by the registry, with its reason: every act in every state."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx

from access.workflows.contractor_pass import PassIssued
from access.workflows.events import Event
from access.workflows.refusals import REFUSALS
from central.flows import FLOWS
from central.registry import Registry
from tests.access.workflows.test_machine import STORIES
from tests.central.contractors import agreed
from tests.central.databases import ON_ONE
from tests.central.workflows.sweeping import WHO, sweep, sweep_cards

KNOWN = {"visit": {"name": "张伟"}, "contractor_pass": {"name": "赵大勇"}}


def of_permit(path: Sequence[Event], permit: str) -> list[Event]:
    """Return what happens to a pass, as one of this permit, at all hours."""
    return [
        replace(each, terms=replace(each.terms, permit=permit, schedule="")) if isinstance(each, PassIssued) else each
        for each in path
    ]


# What the registry never gets as far as, and why.
UNREACHED = {
    **dict.fromkeys(("text_too_long", "too_many_items"), "a request is bounded before it is an event"),
    "not_due": "what time brings about nobody asks for",
    "leader_only": "such acts are refused by the role, with 403",
    **dict.fromkeys(("duplicate_not_expected", "duplicate_not_on_board"), "a count that differs is kept as one that does"),
    "count_as_expected": "only a count that differs is kept as one that does",
    **dict.fromkeys(("entry_while_inside", "exit_without_entry", "load_unchecked"), "gates tell of vehicles, nobody asks"),
    "sheet_incomplete": "the registry makes the sheet",
    "revision_not_newer": "the registry counts the revisions",
}


def test_every_refusal_is_met_over_the_registry_or_cannot_be() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parents[1].rglob("test_*.py") if path != Path(__file__))
    by_the_table = {cell.refusal for flow in FLOWS for row in flow.workflow.moves.values() for cell in row.values()}
    met = {code for code in REFUSALS if f'"{code}"' in tests} | (by_the_table & REFUSALS.keys())
    assert REFUSALS.keys() - met == UNREACHED.keys()


@ON_ONE
def test_every_act_that_a_state_knows_nothing_of_is_refused(registry: Registry, admin: httpx.Client, site: str) -> None:
    for slug in ("east", "north"):
        admin.post("/gates", json={"site": site, "slug": slug, "name": slug}).raise_for_status()
    # Who acts on shifts serves the site.
    admin.post(
        "/guards", json={"site": site, "name": "班长", "badge": WHO, "pin": "246810", "is_leader": True}
    ).raise_for_status()
    for raw, printed in (("07", "V-7"), ("08", "V-8")):
        card = {"site": site, "raw": raw, "printed": printed, "kind": "visitor_card"}
        admin.post("/cards", json=card).raise_for_status()
    permit = agreed.draft(admin, site).rpartition("/")[2]
    assert STORIES.keys() - {"vehicle_presence"} == {flow.workflow.name for flow in FLOWS}, "no office keeps who is inside"
    refused = {}
    for flow in FLOWS:
        name = flow.workflow.name
        paths = {state: of_permit(path, permit) for state, path in STORIES[name].PATHS.items()}
        refused[flow.kind] = sweep(registry, UUID(site), flow, paths, STORIES[name].SAMPLES, **KNOWN.get(name, {}))
    card = admin.post("/cards", json={"site": site, "raw": "0A0063E9AE"}).raise_for_status().json()["id"]
    refused["cards"] = sweep_cards(registry, UUID(card), STORIES["card"].PATHS, STORIES["card"].SAMPLES)
    assert all(refused.values()), "there is no workflow of which nothing was refused"
