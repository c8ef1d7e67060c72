"""Exports: the lists of the API as sheets, page by page; what is of a kind that can be imported can be so again."""

import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import IO, Final
from uuid import UUID

from central.actors import Actor
from central.errors import RegistryError
from central.files.catalogue import AnySheet, may, sheets
from central.files.flat import FlowSheet
from central.files.notes import notes_of
from central.files.writing import Cell, write_csv, write_xlsx
from central.flows import FLOWS
from central.looks.services import At, count_rows, looked
from central.masking.kinds import Sight
from central.masking.walk import masked
from central.records import repository as records
from central.records.offers import OFFERS
from central.records.schemas import PAGE_MAX, Asked
from central.registry import Registry, Work
from central.tables import Site

BLOCK_BYTES: Final = 1 << 16

Exported = AnySheet | FlowSheet


def exported(name: str, role: str) -> Exported:
    """Return a kind of sheet that this role may read; RegistryError 404 and 403."""
    flows: Mapping[str, Exported] = {flow.kind: FlowSheet(flow) for flow in FLOWS if flow.kind in OFFERS}
    found = {**flows, **sheets()}.get(name)
    if found is None:
        raise RegistryError("there is no such kind of sheet", 404, "kind")
    if not may(found, role, writes=False):
        raise RegistryError("the role {role} may not do this", 403, role=role)
    return found


def narrowed(sheet: Exported, filters: Mapping[str, str]) -> Asked:
    """Return which records are wanted, by the filters of their list; ValidationError."""
    return sheet.asked.model_validate({"limit": PAGE_MAX} | {name: text for name, text in filters.items() if name != "limit"})


def csv_of(registry: Registry, actor: Actor, sheet: Exported, asked: Asked, language: str) -> Iterator[bytes]:
    """Return the sheet in blocks, the first of them made already: what is refused is so before a reply has begun."""
    blocks = write_csv(sheet.headers(language), _rows(registry, actor, sheet, asked, language))
    return chain([next(blocks)], blocks)


def xlsx_of(registry: Registry, actor: Actor, sheet: Exported, asked: Asked, language: str) -> Iterator[bytes]:
    """Return the workbook in blocks; it is made first, in a file that is gone when all is read."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by who reads it
    try:
        notes = notes_of(sheet.name, sheet.columns, language)
        write_xlsx(sheet.headers(language), _rows(registry, actor, sheet, asked, language), file, sheet.name, notes)
    except BaseException:
        file.close()
        raise
    return _blocks(file)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(BLOCK_BYTES):
            yield block


def _rows(registry: Registry, actor: Actor, sheet: Exported, asked: Asked, language: str) -> Iterator[list[Cell]]:
    """Yield all rows; each page is a piece of work of its own, so that nobody who reads slowly holds the database."""
    with registry.read(actor) as work:
        site = _site(work, asked.site)
    with registry.write(actor) as work:
        look = looked(work, "export", At(sheet.name, site=site.id))
    more, count = asked.after, 0
    try:
        while True:
            with registry.read(actor) as work:
                page = sheet.page(work, asked.model_copy(update={"site": site.id, "after": more}))
                rows = sheet.cells(work, site, masked(page.items, Sight(actor.role)), language)
            count += len(rows)
            yield from rows
            more = page.more
            if more is None:
                return
    finally:
        count_rows(registry, look, count)


def _site(work: Work, wanted: UUID | None) -> Site:
    """Return the site that the sheet is of; RegistryError 422 where there are several and none is named."""
    if wanted is None:
        wanted = records.only_site(work)
    if wanted is None:
        raise RegistryError("name the site: a sheet is of one", 422, "site")
    return records.site(work, wanted)
