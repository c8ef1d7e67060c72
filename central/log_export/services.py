"""Exports of the log: who may have what of it, what is written down of that, and those that are made beside."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from central.actors import Actor
from central.audit.services import note
from central.errors import RegistryError
from central.log.schemas import Search
from central.log.services import check_places
from central.log.tables import LogExport
from central.log_export import repository
from central.log_export.files import folder
from central.log_export.reading import has_more, whole
from central.log_export.schemas import LogExportShown, LogExportsShown, LogExportWanted
from central.log_export.words import Form
from central.looks import at_log
from central.looks.schemas import ENTRIES
from central.looks.services import At, count_rows, looked
from central.registry import Registry, Work

KIND: Final = "log_exports"
# So many rows are as good as a few pages of the list: what more are for is written down.
WITHOUT_PURPOSE: Final = 1_000
PURPOSE_MIN: Final = 3
PER_USER: Final = 5
KEPT: Final = timedelta(days=1)
# Of what is searched by, what is of nobody; of all else the audit has no more than that it was given.
_OF_NOBODY: Final = frozenset(
    {"since", "until", "site", "gate", "lane", "plate_match", "alike", "category", "evidence", "outcome", "reason"}
)
_OF_PAGES: Final = frozenset({"older", "newer", "limit", "language"})


class Begun(NamedTuple):
    """An export as it was written down."""

    id: UUID
    look: UUID
    site: UUID | None


def check(registry: Registry, actor: Actor, wanted: Search, purpose: str) -> None:
    """Raise RegistryError 422 for a search that cannot be, and for many rows without a purpose."""
    if 0 < len(purpose) < PURPOSE_MIN:
        raise RegistryError("a purpose has 3 to 200 characters", 422, "purpose")

    def look(work: Work) -> bool:
        check_places(work, wanted)
        return has_more(work, wanted, WITHOUT_PURPOSE)

    if registry.searched(actor, look) and not purpose:
        raise RegistryError("say what more than {most} rows are for", 422, "purpose", most=WITHOUT_PURPOSE)
    at_log.searched(registry, actor, whole(wanted))


def begin(work: Work, wanted: Search, form: Form, purpose: str) -> Begun:
    """Write down that the actor takes this out of the log."""
    site = wanted.site or work.actor.site
    made = Begun(work.new_id(), looked(work, "export", At(ENTRIES, site=site), purpose=purpose), site)
    facts = {"form": form, "filter": _told(wanted), "purpose": purpose}
    note(work, KIND, made.id, site, "begun", version=1, after=facts)
    return made


def ended(registry: Registry, actor: Actor, begun: Begun, rows: int, *, whole: bool) -> None:
    """Write down how many rows went out, and whether these were all."""
    count_rows(registry, begun.look, rows)
    with registry.write(actor) as work:
        note(work, KIND, begun.id, begun.site, "exported" if whole else "broken_off", version=2, after={"rows": rows})


def _told(wanted: Search) -> Mapping[str, Any]:
    given = wanted.model_dump(mode="json", exclude_defaults=True, exclude=set(_OF_PAGES))
    return {name: value if name in _OF_NOBODY else "***" for name, value in given.items()}


# --- made beside ----------------------------------------------------------------------------------


def add(work: Work, wanted: LogExportWanted) -> LogExportShown:
    """Let a sheet be made, of a search that was checked; RegistryError 429 where the actor has too many."""
    if len(repository.of_actor(work)) >= PER_USER:
        raise RegistryError("you have {most} exports already: delete one, or wait a day", 429, most=PER_USER)
    begun = begin(work, wanted.search, wanted.form, wanted.purpose)
    row = LogExport(
        id=begun.id,
        site_id=begun.site,
        by_id=work.actor.id,
        by_name=work.actor.name,
        by_role=work.actor.role,
        by_site=work.actor.site,
        origin=work.actor.origin,
        look_id=begun.look,
        wanted=whole(wanted.search).model_dump(mode="json", exclude_defaults=True),
        form=wanted.form,
        language=wanted.language,
        purpose=wanted.purpose,
        state="queued",
        tries=0,
        rows_done=0,
        size=0,
        fault_zh="",
        fault_en="",
        created_at=work.at,
    )
    work.session.add(row)
    work.session.flush()
    return shown(row)


def shown(row: LogExport) -> LogExportShown:
    """Return what is shown of an export."""
    facts = {name: getattr(row, name) for name in LogExportShown.model_fields if hasattr(row, name)}
    told = {"expires_at": row.created_at + KEPT, "zh": row.fault_zh, "en": row.fault_en}
    return LogExportShown.model_validate({**facts, **told})


def own(work: Work) -> LogExportsShown:
    """Show the actor's exports."""
    return LogExportsShown(items=[shown(row) for row in repository.of_actor(work)])


def get(work: Work, export_id: UUID) -> LogExport:
    """Return an export of the actor; RegistryError 404."""
    row = repository.one_of_actor(work, export_id)
    if row is None:
        raise RegistryError("there is no such record in {table}", 404, "id", table=KIND)
    return row


def path_of(registry: Registry, row: LogExport) -> Path:
    """Return where the file of an export lies once it is done."""
    return folder(registry) / f"{row.id}.{row.form}"


def fetch(work: Work, registry: Registry, export_id: UUID) -> tuple[LogExport, Path]:
    """Return a file that is done, and write down that it is fetched; RegistryError 404 and 409."""
    row = get(work, export_id)
    if row.state != "done":
        raise RegistryError("this export is not done", 409, "state")
    path = path_of(registry, row)
    if not path.exists():
        raise RegistryError("the file of this export is gone", 404, "id")
    note(work, KIND, row.id, row.site_id, "fetched", version=2, after={"rows": row.rows_done})
    return row, path


def delete(work: Work, export_id: UUID) -> LogExport:
    """Let an export go, done or not; who makes it stops within a moment. RegistryError 404."""
    row = get(work, export_id)
    repository.drop(work.session, row.id)
    note(work, KIND, row.id, row.site_id, "deleted", version=3, before={"state": row.state, "rows": row.rows_done})
    return row
