"""From the journals of the gates to what each tells the others."""

from uuid import UUID

from access.contract.facts import FactsPage
from access.contract.facts import SharedFact as SharedFactTold
from central.edges.repository import Speaker
from central.facts import repository
from central.registry import PUBLISHED, Work
from central.sync_tables import SharedFact


def topic(site_id: UUID) -> tuple[str, UUID]:
    """Name what polls for the facts of a site wait for."""
    return "facts", site_id


def note(work: Work, speaker: Speaker, epoch: UUID, told: str) -> None:
    """Take up what entries of an epoch contribute (see `Telling.as_json`), within the transaction that stores them."""
    repository.put(work.session, (speaker.id, epoch, speaker.site_id), told, round(work.at.timestamp() * 1e6))
    work.session.info.setdefault(PUBLISHED, set()).add(topic(speaker.site_id))


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
