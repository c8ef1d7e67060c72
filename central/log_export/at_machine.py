"""The log written to a file at the machine, by who is signed in to it."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from central.at_machine import operator, site_of
from central.errors import RegistryError
from central.log.schemas import Search
from central.log_export import services
from central.log_export.cells import heads
from central.log_export.files import check_room, workplace, write_file
from central.log_export.reading import LogRows, count
from central.log_export.words import FORMS, SHEET
from central.records import repository as records
from central.registry import Registry
from central.tables import Site


def exported(
    registry: Registry, out: Path, site: str, since: datetime | None, until: datetime | None, purpose: str, language: str
) -> int:
    """Write the file, and return how many rows it has; RegistryError 404 and 422."""
    form = next((form for form in FORMS if out.suffix == f".{form}"), None)
    if form is None:
        raise RegistryError("name the file as .csv or .xlsx", 422, "out")
    actor = operator()
    wanted = _search(registry, site, since, until)
    services.check(registry, actor, wanted, purpose)
    total = count(registry, actor, wanted)
    with registry.write(actor) as work:
        begun = services.begin(work, wanted, form, purpose)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with workplace(out.parent) as place, Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(out.name, total=total)

        def before_each(done: int) -> None:
            check_room(place)
            progress.update(task, completed=done)

        rows, is_whole = LogRows(registry, actor, wanted, language, before_each), False
        try:
            write_file(form, heads(language), rows, place, SHEET[language], lambda: False).replace(out)
            is_whole = True
        finally:
            services.ended(registry, actor, begun, rows.done, whole=is_whole)
    return rows.done


def _search(registry: Registry, site: str, since: datetime | None, until: datetime | None) -> Search:
    with registry.read(operator()) as work:
        site_id = site_of(work, site)
        if site_id is None:
            site_id = records.only_site(work)
        zone = ZoneInfo(work.session.get_one(Site, site_id).zone) if site_id else None
    times = [None if at is None else _aware(at, zone) for at in (since, until)]
    return Search(site=site_id if site else None, since=times[0], until=times[1])


def _aware(at: datetime, zone: ZoneInfo | None) -> datetime:
    if at.tzinfo is not None:
        return at
    if zone is None:
        raise RegistryError("name the site: a time without a zone is meant by its clock", 422, "site")
    return at.replace(tzinfo=zone)
