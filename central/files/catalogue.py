"""All kinds of sheets, by name."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from central.access_rules.direct import MACHINE
from central.errors import RegistryError
from central.files.duty_sheets import DutyLogSheet, GuardsSheet, RostersSheet
from central.files.flat import FlowSheet
from central.files.kinds import SheetKind
from central.files.openings import OpeningSheet
from central.files.patrol_sheets import ReadingsSheet, RoundsSheet
from central.files.record_sheets import RecordsSheet
from central.files.residents import ResidentsSheet
from central.flows import FLOWS
from central.kinds import KINDS
from central.records.offers import OFFERS
from central.users.rights import RIGHTS
from central.workflows.routes import OPENINGS

AnySheet = SheetKind[Any]


def sheets() -> Mapping[str, AnySheet]:
    """Return the kinds of sheets that can be imported: records that the API offers, residents, and what workflows open."""
    return _sheets(frozenset(OFFERS))


@cache
def _sheets(offered: frozenset[str]) -> Mapping[str, AnySheet]:
    plain: dict[str, AnySheet] = {
        kind.kind: RecordsSheet(kind, (OFFERS[kind.kind].area,)) for kind in KINDS if kind.kind in offered
    }
    openings: dict[str, AnySheet] = {flow.kind: OpeningSheet(flow) for flow in FLOWS if flow.kind in offered & OPENINGS.keys()}
    of_duty = (RostersSheet(), DutyLogSheet(), RoundsSheet(), ReadingsSheet(), GuardsSheet())
    return plain | {"residents": ResidentsSheet()} | openings | {each.name: each for each in of_duty}


def sheet_of(name: str, role: str, *, writes: bool) -> AnySheet:
    """Return a kind of sheet that this role may read or write; RegistryError 404 and 403."""
    found = sheets().get(name)
    if found is None:
        raise RegistryError("there is no such kind of sheet", 404, "kind")
    if not may(found, role, writes=writes):
        raise RegistryError("the role {role} may not do this", 403, role=role)
    return found


def may(sheet: AnySheet | FlowSheet, role: str, *, writes: bool) -> bool:
    """Tell whether a role may read, or write, all that such a sheet holds; who is at the machine may."""
    if role == MACHINE:
        return True
    rights = [RIGHTS[area] for area in sheet.areas]
    writers = sheet.writers if writes and isinstance(sheet, SheetKind) else None
    return all(role in (right.write if writes else right.read) for right in rights) and (writers is None or role in writers)
