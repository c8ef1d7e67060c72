"""From the journals of the gates to what each tells the others."""

from collections.abc import Iterable
from uuid import UUID

from access.contract.facts import FactsPage
from access.contract.facts import SharedFact as SharedFactTold
from access.sharing import SUM, Contribution
from central.edges.repository import Speaker
from central.facts import repository
from central.registry import PUBLISHED, Work
from central.sync_tables import SharedFact


def topic(site_id: UUID) -> tuple[str, UUID]:
    """Name what polls for the facts of a site wait for."""
    return "facts", site_id


def note(work: Work, edge: Speaker, epoch: UUID, told: Iterable[tuple[int, Contribution]]) -> None:
    """Take up what entries of an epoch, each at its seq, contribute; within the transaction that stores them."""
    fresh: dict[str, tuple[int, Contribution]] = {}
    for place in told:
        fresh[place[1].name] = _together(place, fresh.get(place[1].name))
    if not fresh:
        return
    sums = [name for name, (_, one) in fresh.items() if one.how == SUM]
    earlier = repository.contributed(work.session, edge.id, epoch, sums)
    total = [_together(place, earlier.get(name)) for name, place in fresh.items()]
    cursors = repository.next_cursors(work.session, edge.site_id, len(total), round(work.at.timestamp() * 1e6))
    rows = ((seq, one, cursor) for (seq, one), cursor in zip(total, cursors, strict=True))
    repository.put(work.session, edge.id, epoch, edge.site_id, rows)
    work.session.info.setdefault(PUBLISHED, set()).add(topic(edge.site_id))


def _together(one: tuple[int, Contribution], earlier: tuple[int, Contribution] | None) -> tuple[int, Contribution]:
    """Return what two contributions to one fact come to, and through which entry."""
    return one if earlier is None else (max(one[0], earlier[0]), one[1].following(earlier[1]))


def has_news(work: Work, site_id: UUID, epoch: UUID, after: int) -> bool:
    """Tell whether other epochs of the site have contributed anything after a cursor."""
    return bool(repository.of_others(work.session, site_id, epoch, after, 1))


def page(work: Work, site_id: UUID, epoch: UUID, after: int, limit: int) -> FactsPage:
    """Return what all but this epoch have contributed after a cursor, the first of it."""
    rows = repository.of_others(work.session, site_id, epoch, after, limit + 1)
    told = rows[:limit]
    return FactsPage(
        epoch=epoch,
        after=after,
        through=told[-1].cursor if told else after,
        more=len(rows) > limit,
        facts=tuple(map(_told, told)),
    )


def _told(row: SharedFact) -> SharedFactTold:
    return SharedFactTold(
        cursor=row.cursor,
        edge=row.edge_id,
        epoch=row.epoch,
        seq=row.seq,
        name=row.name,
        how=row.how,
        value=row.value,
        plate=row.plate,
        at_us=row.at_us,
    )
