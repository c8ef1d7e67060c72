"""The life of a site's record: created, changed, deleted; every change that gates must know of goes into the rules stream."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from access.contract.records import AnyRecord
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, Audience, Key, Told, told_to
from central.errors import RegistryError
from central.records import repository
from central.records.schemas import Asked, OfSiteWanted, Page, Shown
from central.registry import Work
from central.tables import OfSite, Site

RowT = TypeVar("RowT", bound=OfSite)
WantedT = TypeVar("WantedT", bound=OfSiteWanted)
ShownT = TypeVar("ShownT", bound=Shown)


class Records(ABC, Generic[RowT, WantedT, ShownT]):
    """One kind of record. A subclass says how it is filled, what makes it unique, and what gates are told of it."""

    table: type[RowT]
    shown: type[ShownT]
    taken = "another record of the site has the same key"
    in_use = "other records still refer to it"

    @abstractmethod
    def fill(self, work: Work, site: Site, row: RowT, wanted: WantedT) -> None:
        """Set the row from what is wanted; raises RegistryError naming the field."""

    @abstractmethod
    def key(self, wanted: WantedT) -> dict[str, object]:
        """Return the natural key within the site, by which a repeated import finds the record again."""

    @abstractmethod
    def rules(self, site: Site, row: RowT) -> Sequence[AnyRecord]:
        """Return what gates are told of the row."""

    def audience(self, work: Work, row: RowT) -> Audience:
        """Return the gates that are told of the row; all, unless a subclass knows better."""
        del work, row
        return EVERYONE

    def opens(self, work: Work, row: RowT) -> Audience:
        """Return the gates that the row opens to others: with it changes who is told of those that depend on it."""
        del work, row
        return EVERYONE

    def depending(self, work: Work, row: RowT) -> Mapping[Key, Audience]:
        """Return what depends on the row and who must know of it, as things stand now."""
        del work, row
        return {}

    def _told(self, work: Work, site: Site, row: RowT) -> Sequence[Told]:
        return told_to(self.audience(work, row), self.rules(site, row))

    def get(self, work: Work, record_id: UUID) -> ShownT:
        """Show one record; RegistryError 404."""
        return self.shown.model_validate(repository.get(work.session, self.table, record_id))

    def page(self, work: Work, asked: Asked) -> Page[ShownT]:
        """Show one page of the list."""
        rows = repository.page(work.session, self.table, asked.site, asked.after, asked.limit + 1)
        items = [self.shown.model_validate(row) for row in rows[: asked.limit]]
        return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)

    def create(self, work: Work, wanted: WantedT) -> ShownT:
        """Create a record; RegistryError 409 where its key is taken."""
        site = repository.site(work.session, wanted.site)
        row = self.table(id=work.new_id(), site_id=site.id)
        self.fill(work, site, row, wanted)
        work.session.add(row)
        repository.flush(work.session, self.taken)
        stream.publish(work.session, site, before=(), after=self._told(work, site, row))
        return self.shown.model_validate(row)

    def change(self, work: Work, record_id: UUID, wanted: WantedT) -> ShownT:
        """Make the record what is wanted, as a whole; RegistryError 404 and 409."""
        row = repository.get(work.session, self.table, record_id)
        if wanted.site != row.site_id:
            raise RegistryError("a record cannot move to another site", 422, "site")
        site = repository.site(work.session, row.site_id)
        before, opened = self._told(work, site, row), self.opens(work, row)
        self.fill(work, site, row, wanted)
        repository.flush(work.session, self.taken)
        depending = self.depending(work, row) if self.opens(work, row) != opened else stream.NOBODY_ELSE
        stream.publish(work.session, site, before=before, after=self._told(work, site, row), depending=depending)
        return self.shown.model_validate(row)

    def delete(self, work: Work, record_id: UUID) -> None:
        """Delete the record; RegistryError 404, and 409 where others refer to it."""
        row = repository.get(work.session, self.table, record_id)
        site = repository.site(work.session, row.site_id)
        before = self._told(work, site, row)
        work.session.delete(row)
        repository.flush(work.session, self.in_use)
        stream.publish(work.session, site, before=before, after=())

    def put(self, work: Work, wanted: WantedT) -> ShownT:
        """Create the record, or make the one with the same natural key what is wanted."""
        found = repository.find(work.session, self.table, site_id=wanted.site, **self.key(wanted))
        return self.create(work, wanted) if found is None else self.change(work, found.id, wanted)
