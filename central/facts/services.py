"""From the journals of the gates to what each tells the others."""

from collections.abc import Iterable
from uuid import UUID

from access.contract.facts import FactsPage
from access.contract.facts import SharedFact as SharedFactTold
from access.sharing import SUM, Contribution
from central.facts import repository
from central.registry import PUBLISHED, Work
from central.sync_tables import SharedFact
from central.tables import Edge


def topic(site_id: UUID) -> tuple[str, UUID]:
    """Name what polls for the facts of a site wait for."""
    return "facts", site_id


def note(work: Work, edge: Edge, told: Iterable[Contribution]) -> None:
    """Take up what new entries of a gate, in order, contribute; within the transaction that stores them."""
    fresh: dict[str, Contribution] = {}
    for one in told:
        fresh[one.name] = one.following(fresh.get(one.name))
    if not fresh:
        return
    earlier = repository.contributed(work.session, edge.id, [one.name for one in fresh.values() if one.how == SUM])
    total = [one.following(earlier.get(one.name)) for one in fresh.values()]
    cursors = repository.next_cursors(work.session, edge.site_id, len(total), round(work.at.timestamp() * 1e6))
    place = {"edge_id": edge.id, "site_id": edge.site_id}
    rows = [
        place | {"name": one.name, "how": one.how, "value": one.value, "plate": one.plate, "at_us": one.at_us, "cursor": cursor}
        for one, cursor in zip(total, cursors, strict=True)
    ]
    repository.put(work.session, rows)
    work.session.info.setdefault(PUBLISHED, set()).add(topic(edge.site_id))


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
