"""The duty log: entries are added, and corrected by further entries; none is ever changed."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from typing_extensions import override

from central.duty.log_schemas import DutyEntryShown, EntriesAsked, EntryWanted
from central.duty.posts import post_name
from central.duty.services import own_badge
from central.duty.tables import DutyLogEntry
from central.errors import RegistryError
from central.records.repository import of_site
from central.records.schemas import Asked
from central.records.services import PAGING, Records
from central.registry import Work
from central.tables import Site

FINAL = "an entry of the duty log is never changed: add one that corrects it"


class DutyLog(Records[DutyLogEntry, EntryWanted, DutyEntryShown]):
    """Entries of the duty log."""

    table = DutyLogEntry
    wanted = EntryWanted
    shown = DutyEntryShown

    @override
    def fill(self, work: Work, site: Site, row: DutyLogEntry, wanted: EntryWanted) -> None:
        """Set all of a new entry; guard and corrected entry must be of the site, and nothing is written ahead of its time."""
        at = wanted.at or work.at
        if at > work.at:
            raise RegistryError("this lies in the future", 422, "at")
        if wanted.corrects is not None:
            of_site(work.session, DutyLogEntry, wanted.corrects, site.id, "corrects")
        row.post = _post_called(work, site, wanted.post)
        row.guard = own_badge(work, site.id, wanted.guard, at, "guard")
        row.at, row.day = at, at.astimezone(ZoneInfo(site.zone)).date().isoformat()
        row.entry_kind, row.text, row.corrects_id = wanted.entry_kind, wanted.text, wanted.corrects
        row.told, row.pictures = list(wanted.told), list(wanted.pictures)

    @override
    def key(self, wanted: EntryWanted) -> dict[str, object]:
        return {"post": wanted.post, "at": wanted.at, "entry_kind": wanted.entry_kind, "text": wanted.text}

    @override
    def known(self, work: Work, wanted: EntryWanted) -> DutyLogEntry | None:
        """Return the first entry that says the very same; its post may be called otherwise by now."""
        same = select(DutyLogEntry).filter_by(site_id=wanted.site, **self.key(wanted))
        found = work.session.scalars(same.order_by(DutyLogEntry.id).limit(1)).first()
        if found is not None:
            return found
        post = post_name(work.session, wanted.site, wanted.post, "post")
        return None if post == wanted.post else self.known(work, wanted.model_copy(update={"post": post}))

    @override
    def put(self, work: Work, wanted: EntryWanted) -> DutyEntryShown:
        """Add the entry, unless the very same is there; RegistryError 409 where that one says something else besides."""
        found = self.known(work, wanted)
        if found is None:
            return self.create(work, wanted)
        for field, now, then in (
            ("guard", wanted.guard, found.guard),
            ("told", [*wanted.told], found.told),
            ("pictures", [*wanted.pictures], found.pictures),
            ("corrects", wanted.corrects, found.corrects_id),
        ):
            if now and now != then:
                raise RegistryError(FINAL, 409, field)
        return self.show(work, found)

    @override
    def change(self, work: Work, record_id: UUID, wanted: EntryWanted, seen: int | None = None) -> DutyEntryShown:
        raise RegistryError(FINAL, 409)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        raise RegistryError(FINAL, 409)

    @override
    def narrowed(self, query: Select[DutyLogEntry], asked: Asked) -> Select[DutyLogEntry]:
        given = asked.model_dump(mode="json", exclude=set(PAGING) | {"corrects_id"}, exclude_none=True)
        corrects = asked.corrects_id if isinstance(asked, EntriesAsked) else None
        query = query.filter_by(**given)
        return query if corrects is None else query.where(DutyLogEntry.corrects_id == corrects)


duty_log = DutyLog()


def _post_called(work: Work, site: Site, named: str) -> str:
    """Return the name of the post; what was written at a gate is not lost because that is called otherwise by now."""
    try:
        return post_name(work.session, site.id, named, "post")
    except RegistryError:
        if work.entry is None:
            raise
        return named
