"""From the journals of the gates to what each tells the others."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog

from access.contract.facts import FactsPage
from access.contract.facts import SharedFact as SharedFactTold
from access.entries import EntryError
from access.sealing import Opened
from access.sharing import Contribution, contributions
from central.facts import repository
from central.registry import PUBLISHED, Work
from central.sync_tables import SharedFact
from central.tables import Edge

log = structlog.get_logger("central.facts")


def topic(site_id: UUID) -> tuple[str, UUID]:
    """Name what polls for the facts of a site wait for."""
    return "facts", site_id


def note(work: Work, edge: Edge, entries: Iterable[Opened]) -> None:
    """Take up what new entries of a gate, in order, contribute; within the transaction that stores them."""
    fresh = _contributed(entries)
    if not fresh:
        return
    earlier = repository.contributed(work.session, edge.id, fresh.keys())
    total = [one.following(_contribution(earlier.get(one.name))) for one in fresh.values()]
    cursors = repository.next_cursors(work.session, edge.site_id, len(total), round(work.at.timestamp() * 1e6))
    place = {"edge_id": edge.id, "site_id": edge.site_id}
    rows = [
        place | {"name": one.name, "how": one.how, "value": one.value, "plate": one.plate, "at_us": one.at_us, "cursor": cursor}
        for one, cursor in zip(total, cursors, strict=True)
    ]
    repository.put(work.session, rows)
    work.session.info.setdefault(PUBLISHED, set()).add(topic(edge.site_id))


def _contributed(entries: Iterable[Opened]) -> Mapping[str, Contribution]:
    """Return by name what entries contribute; what cannot be understood of them is told to nobody, and is in the journal."""
    found: dict[str, Contribution] = {}
    for opened in entries:
        if not opened.fields.get("facts"):
            continue
        try:
            told = contributions([(opened.stamp.utc_us, opened.body())])
        except (EntryError, TypeError, ValueError, AttributeError) as error:
            log.warning("facts of a form that is none of ours", edge=str(opened.edge), seq=opened.seq, why=str(error))
            continue
        found |= {name: one.following(found.get(name)) for name, one in told.items()}
    return found


def _contribution(row: SharedFact | None) -> Contribution | None:
    return None if row is None else Contribution(row.name, row.how, row.value, row.at_us, row.plate)


def has_news(work: Work, site_id: UUID, edge_id: UUID, after: int) -> bool:
    """Tell whether other gates of the site have contributed anything after a cursor."""
    return bool(repository.of_others(work.session, site_id, edge_id, after, 1))


def page(work: Work, site_id: UUID, edge_id: UUID, after: int, limit: int) -> FactsPage:
    """Return what the other gates of the site have contributed after a cursor, the first of it."""
    rows = repository.of_others(work.session, site_id, edge_id, after, limit + 1)
    told = rows[:limit]
    return FactsPage(
        after=after,
        through=told[-1].cursor if told else after,
        more=len(rows) > limit,
        facts=tuple(map(_told, told)),
    )


def _told(row: SharedFact) -> SharedFactTold:
    return SharedFactTold(
        cursor=row.cursor, edge=row.edge_id, name=row.name, how=row.how, value=row.value, plate=row.plate, at_us=row.at_us
    )
