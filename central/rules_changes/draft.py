"""A draft of the rules: the records that it changes or adds, and those that it lets go."""

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256

from access.contract.records import AnyRecord, SiteRecord
from central.access_rules.audience import Key
from central.errors import RegistryError
from central.tables import Site


@dataclass(frozen=True, slots=True)
class Draft:
    """Records as gates would be told of them, each in the place of the one with its kind and id; `gone` by kind and id."""

    records: tuple[AnyRecord, ...] = ()
    gone: frozenset[Key] = frozenset()


def digest(draft: Draft) -> str:
    """Return what stands for the wanted changes, in whatever order they were given: the SHA-256 as hex.

    A field that says what it says by default counts as not said: so one that a later version adds makes no other draft of it.
    """
    said = [[one.kind, str(one.id), one.model_dump(mode="json", exclude_defaults=True)] for one in draft.records]
    gone = [[kind, str(record_id)] for kind, record_id in draft.gone]
    text = json.dumps([sorted(said, key=_key), sorted(gone)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _key(said: list[object]) -> tuple[object, ...]:
    return tuple(said[:2])


def check(draft: Draft, site: Site) -> None:
    """Raise RegistryError 422 where a draft contradicts itself, or is of another site."""
    given = Counter((one.kind, one.id) for one in draft.records)
    for (kind, record_id), times in given.items():
        if times > 1 or (kind, record_id) in draft.gone:
            raise RegistryError("the draft says more than one thing of {kind} {id}", 422, "records", kind=kind, id=record_id)
    if any(kind == "site" for kind, _ in draft.gone):
        raise RegistryError("the site itself cannot go", 422, "gone")
    for one in draft.records:
        if isinstance(one, SiteRecord) and (one.id, one.slug, one.card_key) != (site.id, site.slug, site.card_key.hex()):
            raise RegistryError("a draft cannot make it another site", 422, "records")
