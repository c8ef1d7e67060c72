"""All kinds of sheets, by name."""

from collections.abc import Mapping
from functools import cache

from central.errors import RegistryError
from central.files.duty_sheets import DutySheet, RoundsSheet, duty_sheets
from central.files.flat import FlowSheet
from central.files.kinds import RecordsSheet, SheetKind
from central.files.openings import OpeningSheet
from central.files.residents import ResidentsSheet
from central.flows import FLOWS
from central.kinds import KINDS
from central.records.offers import OFFERS
from central.users.rights import RIGHTS
from central.workflows.routes import OPENINGS

AnySheet = RecordsSheet | ResidentsSheet | OpeningSheet | DutySheet
AT_THE_MACHINE = "machine"


def sheets() -> Mapping[str, AnySheet]:
    """Return the kinds of sheets that can be imported: records that the API offers, residents, and what workflows open."""
    return _sheets(frozenset(OFFERS))


@cache
def _sheets(offered: frozenset[str]) -> Mapping[str, AnySheet]:
    plain: dict[str, AnySheet] = {
        kind.kind: RecordsSheet(kind, (OFFERS[kind.kind].area,)) for kind in KINDS if kind.kind in offered
    }
    openings = {flow.kind: OpeningSheet(flow) for flow in FLOWS if flow.kind in offered & OPENINGS.keys()}
    return plain | {"residents": ResidentsSheet()} | openings | duty_sheets()


def sheet_of(name: str, role: str, *, writes: bool) -> AnySheet:
    """Return a kind of sheet that this role may read or write; RegistryError 404 and 403."""
    found = sheets().get(name)
    if found is None:
        raise RegistryError("there is no such kind of sheet", 404, "kind")
    if not may(found, role, writes=writes):
        raise RegistryError("the role {role} may not do this", 403, role=role)
    return found


def may(sheet: AnySheet | FlowSheet | RoundsSheet, role: str, *, writes: bool) -> bool:
    """Tell whether a role may read, or write, all that such a sheet holds; who is at the machine may."""
    if role == AT_THE_MACHINE:
        return True
    rights = [RIGHTS[area] for area in sheet.areas]
    writers = sheet.writers if writes and isinstance(sheet, SheetKind) else None
    return all(role in (right.write if writes else right.read) for right in rights) and (writers is None or role in writers)
