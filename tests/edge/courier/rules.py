"""Small sets of rules as a registry sends them."""

from uuid import UUID

from access.contract.records import AnyRecord, CardRecord, LaneRecord, PersonRecord, SiteRecord
from access.contract.sync import RulesPage, Upsert

SITE = SiteRecord(id=UUID(int=1), slug="lakeside", name="Lakeside", card_key="00" * 32)
LANE = LaneRecord(id=UUID(int=2), slug="in-1", name="East in", lane_kind="vehicle", direction="in")


def person(number: int, name: str = "") -> PersonRecord:
    return PersonRecord(id=UUID(int=1000 + number), name=name or f"P{number}*")


def card(number: int) -> CardRecord:
    return CardRecord(id=UUID(int=10_000_000 + number), hashes=(f"{number:032x}",), person=UUID(int=1000))


def page(since: int, revision: int, *records: AnyRecord, complete: bool = False, more: str | None = None) -> RulesPage:
    upserts = tuple(Upsert(revision=revision, record=record) for record in records)
    return RulesPage(since=since, revision=revision, complete=complete, upserts=upserts, more=more)
