"""The life of a site's record: created, changed, deleted; each change is audited, and what gates must know of it is told them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Select, inspect, select

from access.contract.records import AnyRecord
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, Audience, Key, Told, told_to
from central.audit import services as audit
from central.audit.schemas import AuditShown, HistoryAsked
from central.errors import RegistryError
from central.masking.kinds import Sight
from central.masking.walk import check_no_mask
from central.records import repository
from central.records.concurrency import check_seen
from central.records.schemas import Asked, OfSiteShown, OfSiteWanted, Page
from central.records.turns import take_turn
from central.registry import Registry, Work
from central.tables import Site, Versioned

RowT = TypeVar("RowT", bound=Versioned)
WantedT = TypeVar("WantedT", bound=OfSiteWanted)
ShownT = TypeVar("ShownT", bound=OfSiteShown)
PAGING = frozenset({"site", "after", "limit"})
KeyOf = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Put(Generic[RowT]):
    """What became of a record that was put among others."""

    row: RowT
    act: Literal["created", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class _Begun(Generic[RowT]):
    """A row that was filled and not yet sent: what it was before (None: it is new), and who was told of it."""

    row: RowT
    was: dict[str, Any] | None = None
    is_touched: bool = True
    told: Sequence[Told] = ()
    opened: Audience = EVERYONE


class Records(ABC, Generic[RowT, WantedT, ShownT]):
    """One kind of record. A subclass says how it is filled, what makes it unique, and what gates are told of it."""

    table: type[RowT]
    wanted: type[WantedT]
    shown: type[ShownT]
    taken = "another record of the site has the same key"
    in_use = "other records still refer to it"

    @abstractmethod
    def fill(self, work: Work, site: Site, row: RowT, wanted: WantedT) -> None:
        """Set the row from what is wanted; raises RegistryError naming the field."""

    @abstractmethod
    def key(self, wanted: WantedT) -> dict[str, object]:
        """Return the natural key within the site, by which a repeated import finds the record again."""

    def check_key(self, work: Work, site: Site, wanted: WantedT, row: RowT | None = None) -> None:
        """Raise RegistryError 409 where another than `row` (None: a new one) has the natural key; called within the site's turn.

        Nothing, unless a subclass has a key that the database does not keep unique.
        """
        del work, site, wanted, row

    def rules(self, site: Site, row: RowT) -> Sequence[AnyRecord]:
        """Return what gates are told of the row; nothing, unless a subclass knows of something."""
        del site, row
        return ()

    def at_booths(self, work: Work, site: Site, row: RowT) -> Sequence[AnyRecord]:
        """Return what all booths of the site show of the row; nothing, unless a subclass knows of something."""
        del work, site, row
        return ()

    def show(self, work: Work, row: RowT) -> ShownT:
        """Return what is shown of the row."""
        del work
        return self.shown.model_validate(row)

    def registered(self, work: Work, shown: ShownT) -> OfSiteShown:
        """Return what is replied after a change; a subclass may add to it, as warnings."""
        del work
        return shown

    def narrowed(self, query: Select[RowT], asked: Asked) -> Select[RowT]:
        """Return the query of a list, narrowed by what was asked: each filter is the column of its name."""
        given = asked.model_dump(exclude=set(PAGING), exclude_none=True)
        return query.filter_by(**given)

    def audience(self, work: Work, row: RowT) -> Audience:
        """Return the gates that are told of the row; all, unless a subclass knows better."""
        del work, row
        return EVERYONE

    def opens(self, work: Work, row: RowT) -> Audience:
        """Return the gates that the row opens to others: with it changes who is told of those that depend on it."""
        del work, row
        return EVERYONE

    def depending(self, work: Work, rows: Sequence[RowT]) -> Mapping[Key, Audience]:
        """Return what depends on these rows and who must know of it, as things stand now."""
        del work, rows
        return {}

    def followed(self, work: Work, site: Site, row: RowT) -> None:
        """Do what a change of the row brings with it elsewhere; called after it, before the commit."""

    @property
    def kind(self) -> str:
        """The name of the kind in the audit, in files and in addresses."""
        return str(self.table.__tablename__)

    def get(self, work: Work, record_id: UUID) -> ShownT:
        """Show a record; RegistryError 404."""
        return self.show(work, repository.get(work, self.table, record_id))

    def page(self, work: Work, asked: Asked) -> Page[ShownT]:
        """Show one page of the list."""
        rows = repository.page(work, self.narrowed(select(self.table), asked), self.table, asked)
        items = [self.show(work, row) for row in rows[: asked.limit]]
        return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)

    def history(self, work: Work, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
        """Show one page of what was changed of a record, newest first, of one that is deleted too; RegistryError 404."""
        found = audit.history(work, self.kind, record_id, asked)
        if not found.items and not audit.is_known(work, self.kind, record_id):
            repository.get(work, self.table, record_id)
        return found

    def create(self, work: Work, wanted: WantedT, record_id: UUID | None = None, version: int = 1) -> ShownT:
        """Create a record; RegistryError 409 where its key is taken. One that comes back after it was deleted keeps its id."""
        site = repository.site(work, wanted.site)
        take_turn(work.session, site.id)
        self.check_key(work, site, wanted)
        row = self.table(id=record_id or work.new_id(), site_id=site.id, version=version)
        self.fill(work, site, row, wanted)
        work.session.add(row)
        repository.flush(work.session, self.taken)
        shown = self.show(work, row)
        self._note(work, row, "created", after=_facts(shown))
        stream.publish(work.session, site, before=(), after=self._told(work, site, row))
        self.followed(work, site, row)
        return shown

    def change(self, work: Work, record_id: UUID, wanted: WantedT, seen: int | None = None) -> ShownT:
        """Make the record what is wanted, as a whole; RegistryError 404, and 409 unless it is as it was `seen` (None: any)."""
        row = repository.get(work, self.table, record_id, changing=True)
        if wanted.site != row.site_id:
            raise RegistryError("a record cannot move to another site", 422, "site")
        site = repository.site(work, row.site_id)
        self.check_seen(work, row, seen, wanted)
        check_no_mask(Sight(work.actor.role), lambda: self.show(work, row), wanted.model_dump())
        self.check_key(work, site, wanted, row)
        return self.amend(work, row, lambda: self.fill(work, site, row, wanted))

    def check_seen(self, work: Work, row: RowT, seen: int | None, wanted: WantedT | None = None) -> None:
        """Raise RegistryError 409 with the difference unless the record is as it was `seen` (None: any)."""
        asked = {} if wanted is None else wanted.model_dump(mode="json")
        check_seen(work, self.kind, row.id, _facts(self.show(work, row)), seen, asked)

    def amend(self, work: Work, row: RowT, do: Callable[[], None], act: str = "changed") -> ShownT:
        """Change a row locked by the caller, by `do`: audited as `act`, told to gates, even where it is no form of the office."""
        site = repository.site(work, row.site_id)
        take_turn(work.session, site.id)
        was = _facts(self.show(work, row))
        before, opened = self._told(work, site, row), self.opens(work, row)
        do()
        is_touched = work.session.is_modified(row, include_collections=False)
        repository.flush(work.session, self.taken)
        if is_touched or _facts(self.show(work, row)) != was:
            self._count(work, row)
            self._note(work, row, act, before=was, after=_facts(self.show(work, row)))
        depending = self.depending(work, (row,)) if self.opens(work, row) != opened else stream.NOBODY_ELSE
        stream.publish(work.session, site, before=before, after=self._told(work, site, row), depending=depending)
        self.followed(work, site, row)
        return self.show(work, row)

    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        """Delete the record; RegistryError 404, and 409 where others refer to it or it is not as it was `seen`."""
        row = repository.get(work, self.table, record_id, changing=True)
        site = repository.site(work, row.site_id)
        was = _facts(self.show(work, row))
        check_seen(work, self.kind, row.id, was, seen)
        before = self._told(work, site, row)
        work.session.delete(row)
        repository.flush(work.session, self.in_use)
        row.version += 1
        self._note(work, row, "deleted", before=was)
        stream.publish(work.session, site, before=before, after=())

    def put(self, work: Work, wanted: WantedT) -> ShownT:
        """Create the record, or make the one with the same natural key what is wanted."""
        take_turn(work.session, repository.site(work, wanted.site).id)
        found = self.known(work, wanted)
        return self.create(work, wanted) if found is None else self.change(work, found.id, wanted)

    def ahead(self, registry: Registry, wanted: WantedT) -> AbstractContextManager[None]:
        """Do what takes long, before the block takes its turn to write; nothing, unless a subclass knows of something."""
        del registry, wanted
        return nullcontext()

    def known(self, work: Work, wanted: WantedT) -> RowT | None:
        """Return the record that has the natural key already, if there is one; RegistryError 409 where there are several."""
        return repository.find(work.session, self.table, site_id=wanted.site, **self.key(wanted))

    def put_many(self, work: Work, site: Site, wanted: Sequence[WantedT]) -> list[Put[RowT] | RegistryError]:
        """Do with each of them what `put` does, and tell the gates of all as one revision; what is refused is left as it was.

        RegistryError 409 where the database forbids some of them: then none may be kept.
        """
        take_turn(work.session, site.id)
        if any(getattr(type(self), name) is not getattr(Records, name) for name in ("create", "change")):
            return [self._put_alone(work, each) for each in wanted]
        return [done for run in self._runs(wanted) for done in self._put_run(work, site, run)]

    def _put_alone(self, work: Work, wanted: WantedT) -> Put[RowT] | RegistryError:
        """Put one record of a kind that has its own way to do so."""
        try:
            with work.session.begin_nested():
                found = self.known(work, wanted)
                version = None if found is None else found.version
                row = work.session.get_one(self.table, self.put(work, wanted).id)
        except RegistryError as error:
            return error
        return Put(row, "created" if version is None else "unchanged" if row.version == version else "changed")

    def _runs(self, wanted: Sequence[WantedT]) -> Iterator[Sequence[WantedT]]:
        """Part them where a key comes again: the second changes what the first has made."""
        begin, seen = 0, set[KeyOf]()
        for at, each in enumerate(wanted):
            key = tuple(self.key(each).items())
            if key in seen:
                yield wanted[begin:at]
                begin, seen = at, set()
            seen.add(key)
        yield wanted[begin:]

    def _put_run(self, work: Work, site: Site, wanted: Sequence[WantedT]) -> list[Put[RowT] | RegistryError]:
        standing = self.standing(work, site, wanted, changing=True)
        with work.session.no_autoflush:
            begun = [self._begun(work, site, each, rows) for each, rows in zip(wanted, standing, strict=True)]
        new = [each.row for each in begun if isinstance(each, _Begun) and each.was is None]
        repository.flush(work.session, self.taken, new)
        done = [each if isinstance(each, RegistryError) else self._done(work, each) for each in begun]
        work.session.flush()
        filled = [each for each in begun if isinstance(each, _Begun)]
        opening = [each.row for each in filled if each.was is not None and self.opens(work, each.row) != each.opened]
        depending = self.depending(work, opening) if opening else stream.NOBODY_ELSE
        before = [told for each in filled for told in each.told]
        created = self._told_of(work, site, [each.row for each in filled if each.was is None])
        after = self._told_of(work, site, [each.row for each in filled if each.was is not None])
        fresh = {(record.kind, record.id) for record, _ in created}
        told = [*created, *after]
        stream.publish(work.session, site, before=before, after=told, depending=depending, fresh=fresh)
        for each in filled:
            self.followed(work, site, each.row)
        return done

    def standing(self, work: Work, site: Site, wanted: Sequence[WantedT], *, changing: bool = False) -> list[Sequence[RowT]]:
        """Return for each of them the rows that have its natural key already."""
        keys = [self.key(each) for each in wanted]
        by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
        for key in keys:
            if key:
                by_columns.setdefault(tuple(key), []).append(key)
        found: dict[KeyOf, list[RowT]] = {}
        for columns, some in by_columns.items():
            for row in repository.find_many(work.session, self.table, site.id, some, changing=changing):
                found.setdefault(tuple((name, getattr(row, name)) for name in columns), []).append(row)
        return [found.get(tuple(key.items()), ()) for key in keys]

    def over(self, work: Work, row: RowT, wanted: WantedT) -> WantedT:
        """Return what becomes of a row by being put again: what is wanted, unless a subclass knows what stays."""
        del work, row
        return wanted

    def _begun(self, work: Work, site: Site, wanted: WantedT, standing: Sequence[RowT]) -> _Begun[RowT] | RegistryError:
        if len(standing) > 1:
            return RegistryError("more than one record has this name or number", 409)
        row = standing[0] if standing else self.table(id=work.new_id(), site_id=site.id, version=1)
        was = _facts(self.show(work, row)) if standing else None
        told, opened = (self._told(work, site, row), self.opens(work, row)) if standing else ((), EVERYONE)
        try:
            self.fill(work, site, row, self.over(work, row, wanted) if standing else wanted)
        except RegistryError as error:
            _take_back(work, row)
            return error
        return _Begun(row, was, work.session.is_modified(row, include_collections=False) if standing else True, told, opened)

    def _done(self, work: Work, begun: _Begun[RowT]) -> Put[RowT]:
        row, was, after = begun.row, begun.was, _facts(self.show(work, begun.row))
        if was is None:
            self._note(work, row, "created", after=after)
            return Put(row, "created")
        if not begun.is_touched and after == was:
            return Put(row, "unchanged")
        row.version += 1
        self._note(work, row, "changed", before=was, after=after)
        return Put(row, "changed")

    def _count(self, work: Work, row: RowT) -> None:
        row.version += 1
        work.session.flush()

    def _note(
        self, work: Work, row: RowT, act: str, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        audit.note(work, self.kind, row.id, row.site_id, act, version=row.version, before=before, after=after)

    def _told_of(self, work: Work, site: Site, rows: Sequence[RowT]) -> list[Told]:
        return [told for row in rows for told in self._told(work, site, row)]

    def _told(self, work: Work, site: Site, row: RowT) -> Sequence[Told]:
        told, shown = self.rules(site, row), self.at_booths(work, site, row)
        return (*told_to(self.audience(work, row), told), *told_to(EVERYONE, shown))


def _take_back(work: Work, row: Versioned) -> None:
    """Let a row be as it was before it was filled in part, with all that was to belong to it."""
    state: Any = inspect(row)
    for relation in state.mapper.relationships:
        for part in state.attrs[relation.key].history.added or ():
            if part in work.session.new:
                work.session.expunge(part)
    if row in work.session.new:
        work.session.expunge(row)
    elif row in work.session:
        work.session.expire(row)


def _facts(shown: OfSiteShown) -> dict[str, Any]:
    return shown.model_dump(mode="json")
