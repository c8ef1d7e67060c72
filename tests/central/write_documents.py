"""`python -m tests.central.write_documents`: write the tables of docs/rights.md and docs/records.md anew from the code."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.routing import iter_route_contexts

from access.workflows.card import WORKFLOW as CUSTODY
from access.workflows.events import Event
from access.workflows.machine import NEW, Workflow
from access.workflows.words import EVENTS
from central.app import OFFICE_ROUTERS
from central.cards.custody import KIND as CARDS
from central.cards.desk import ACTS as CARD_ACTS
from central.files.catalogue import sheets
from central.files.columns import SheetColumn
from central.files.words import called
from central.flows import FLOWS
from central.masking.kinds import KINDS, SEES
from central.users.access import Allowed
from central.users.rights import RIGHTS, ROLES, Area
from central.workflows.services import Act
from tests.access.workflows.write_document import TABLE

DOCS = Path(__file__).parents[2] / "docs"
RESIDENTS = "residents"
DOCUMENTS = (DOCS / "rights.md", DOCS / "records.md", DOCS / "masking.md")


def rights_table() -> str:
    """Return who may do what: each area with what is in it, who may change and who may only read it."""
    lines = ["| area | addresses | may change and read | may only read |", "|---|---|---|---|"]
    for area, right in RIGHTS.items():
        addresses = ", ".join(f"`{address}`" for address in _addresses()[area])
        lines.append(f"| {area} | {addresses} | {_named(right.write)} | {_named(right.read - right.write)} |")
    return _text(lines)


def sight_table() -> str:
    """Return which role sees which kind of personal value how; kinds of no role's own are left out."""
    kinds = [kind for kind in KINDS if kind != "facts"]
    lines = [f"| role | {' | '.join(kinds)} |", f"|---|{'---|' * len(kinds)}"]
    lines += [f"| {role} | {' | '.join(SEES[role][kind] for kind in kinds)} |" for role in ROLES]
    return _text(lines)


def acts_table(workflow: Workflow[Any], acts: Iterable[Act]) -> str:
    """Return the acts of a workflow: what each is called, from which states it leads where, and who may do it."""
    lines = ["| act | 事件 | state → state | who |", "|---|---|---|---|"]
    for act in acts:
        steps = "<br>".join(_steps(workflow, act.event))
        who = _named(act.roles) if act.roles else "all"
        lines.append(f"| `{act.path}` | {EVENTS[act.event.__name__][0]} | {steps} | {who} |")
    return _text(lines)


def sheets_table() -> str:
    """Return the kinds of sheets with their columns."""
    lines = ["| kind | columns |", "|---|---|"]
    for name, sheet in sheets().items():
        if name == RESIDENTS:
            continue
        headers = zip(sheet.columns, sheet.headers("zh"), strict=True)
        columns = (_column(column, header) for column, header in headers if not column.is_told)
        lines.append(f"| `{name}` | {', '.join(columns)} |")
    return _text(lines)


def residents_table() -> str:
    """Return under which headers the columns of the sheet of residents are read."""
    lines = ["| field | written | read too |", "|---|---|---|"]
    for column in sheets()[RESIDENTS].columns:
        written, *others = dict.fromkeys(called(column.field, RESIDENTS))
        lines.append(f"| `{column.field}` | {written} | {', '.join(others)} |")
    return _text(lines)


def tables() -> Mapping[str, str]:
    """Return all tables by name."""
    acts = {flow.kind: acts_table(flow.workflow, flow.acts) for flow in FLOWS}
    others = {"rights": rights_table(), "sight": sight_table(), "sheets": sheets_table(), RESIDENTS: residents_table()}
    return {**acts, CARDS: acts_table(CUSTODY, CARD_ACTS), **others}


def written(text: str) -> str:
    """Return a document with the tables that the code says."""
    made = tables()
    return TABLE.sub(lambda found: found[1] + made[found[2]] + found[3], text)


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _named(roles: Collection[str]) -> str:
    if set(ROLES) <= set(roles):
        return "every role"
    return ", ".join(role for role in (*ROLES, "host") if role in roles)


def _steps(workflow: Workflow[Any], event: type[Event]) -> Iterator[str]:
    """Yield from which states an event leads where; that it may be a record's first is told elsewhere."""
    states: dict[tuple[str, ...], list[str]] = {}
    for state, row in workflow.moves.items():
        cell = row.get(event)
        if cell is not None and not cell.refusal and state != NEW:
            states.setdefault(cell.targets, []).append(state)
    for targets, froms in states.items():
        stays = targets in {(), tuple(froms)}
        yield f"{', '.join(froms)} (stays)" if stays else f"{', '.join(froms)} → {' or '.join(targets)}"


def _column(column: SheetColumn, header: str) -> str:
    named = f"`{column.field}`" if header == column.field else f"{header} `{column.field}`"
    return f"**{named}**" if column.is_required else named


@cache
def _addresses() -> Mapping[Area, list[str]]:
    """Return what is in each area: of the routes that begin alike the shortest address."""
    found: dict[Area, dict[str, str]] = {}
    for router in OFFICE_ROUTERS:
        for route in iter_route_contexts(router.routes):
            path = re.sub(r"\{(\w+)\}", lambda name: "KIND" if name[1] == "kind" else "ID", str(route.path_format))
            for check in (each.dependency for each in route.dependencies):
                if isinstance(check, Allowed):
                    first = path.split("/")[1]
                    kept = found.setdefault(check.area, {})
                    kept[first] = min(kept.get(first, path), path, key=len)
    return {area: list(paths.values()) for area, paths in found.items()}


if __name__ == "__main__":
    for document in DOCUMENTS:
        document.write_text(written(document.read_text()))
