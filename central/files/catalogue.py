"""All kinds of sheets, by name."""

from collections.abc import Mapping
from functools import cache

from central.errors import RegistryError
from central.files.flat import FlowSheet
from central.files.kinds import RecordsSheet
from central.files.residents import ResidentsSheet
from central.kinds import KINDS
from central.records.offers import OFFERS
from central.users.rights import RIGHTS

AnySheet = RecordsSheet | ResidentsSheet
AT_THE_MACHINE = "machine"


def sheets() -> Mapping[str, AnySheet]:
    """Return the kinds of sheets: those of records that the API offers, and residents."""
    return _sheets(frozenset(OFFERS))


@cache
def _sheets(offered: frozenset[str]) -> Mapping[str, AnySheet]:
    plain: dict[str, AnySheet] = {
        kind.kind: RecordsSheet(kind, (OFFERS[kind.kind].area,)) for kind in KINDS if kind.kind in offered
    }
    return plain | {"residents": ResidentsSheet()}


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
    rights = [RIGHTS[area] for area in sheet.areas]
    return role == AT_THE_MACHINE or all(role in (right.write if writes else right.read) for right in rights)
