"""Looks into the entry log: who searched by what, whose entry was opened, and pictures shown to who sees plates masked."""

from collections.abc import Iterator
from uuid import UUID

from central.actors import Actor
from central.log.schemas import EntryShown, Search
from central.looks.schemas import ENTRIES
from central.looks.services import At, looked
from central.masking.kinds import Personal, Sight
from central.masking.walk import shows_somebody
from central.registry import Registry


def searched(registry: Registry, actor: Actor, wanted: Search) -> None:
    """Write down a search by somebody or something of somebody; of further pages of it nothing more. What was typed is hashed."""
    if wanted.older is not None or wanted.newer is not None:
        return
    sought = list(_sought(wanted))
    if sought:
        with registry.write(actor) as work:
            for at in sought:
                looked(work, "search", at)


def _sought(wanted: Search) -> Iterator[At]:
    for kind, typed in (("vehicles", wanted.plate), ("cards", wanted.card), ("units", wanted.unit)):
        if typed:
            yield At(kind, site=wanted.site, sought=typed)
    if wanted.person:
        try:
            yield At("persons", UUID(wanted.person), wanted.site)
        except ValueError:
            yield At("persons", site=wanted.site, sought=wanted.person)


def opened(registry: Registry, actor: Actor, entry: EntryShown) -> None:
    """Write down that an entry was opened by somebody who sees whose it is."""
    row = entry.row
    if shows_somebody(row, Sight(actor.role)):
        plate = row.credential if row.medium == "plate" else ""
        with registry.write(actor) as work:
            looked(work, "entry", At(ENTRIES, row.id, row.site, row.person, plate))


def pictured(registry: Registry, actor: Actor, sha256: str) -> None:
    """Write down that a picture was shown to somebody from whom plates are masked: in the picture they are not."""
    if Sight(actor.role).level(Personal("plate")) != "full":
        with registry.write(actor) as work:
            looked(work, "picture", At("pictures"), fields=[sha256])
