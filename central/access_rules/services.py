"""Levels, schedules, special days and blocks."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import uuid5

from sqlalchemy import Select
from typing_extensions import override

from access.card import CardNumber, card_hash
from access.contract.records import AnyRecord, BlockRecord, LevelGrant, LevelRecord, ScheduleRecord, Span, SpecialDayRecord
from central.access_rules import audience, repository
from central.access_rules.audience import Audience, Key
from central.access_rules.ruled import Ruled, check_direct
from central.access_rules.schemas import (
    BlocksAsked,
    BlockShown,
    BlockWanted,
    LevelShown,
    LevelWanted,
    ScheduleShown,
    ScheduleWanted,
    SpecialDaysAsked,
    SpecialDayShown,
    SpecialDayWanted,
)
from central.access_rules.tables import SpecialDay
from central.cards.schemas import card_number
from central.files.printed import read_card
from central.records.repository import flush, of_site
from central.records.schemas import Asked
from central.records.services import Records
from central.records.validity import epoch_s
from central.registry import Work
from central.tables import Block, Grant, GrantLane, Lane, Level, Schedule, Site


class Schedules(Ruled[Schedule, ScheduleWanted, ScheduleShown]):
    """Weekly schedules."""

    table = Schedule
    wanted = ScheduleWanted
    shown = ScheduleShown
    taken = "another schedule of the site has this name"
    in_use = "an access level or the site's settings still use the schedule"

    @override
    def fill(self, work: Work, site: Site, row: Schedule, wanted: ScheduleWanted) -> None:
        """Set name and spans."""
        check_direct(work, site)
        row.name = wanted.name
        row.spans = [span.model_dump(mode="json") for span in wanted.spans]

    @override
    def key(self, wanted: ScheduleWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def rules(self, site: Site, row: Schedule) -> Sequence[AnyRecord]:
        """Tell the spans."""
        return (ScheduleRecord(id=row.id, name=row.name, spans=tuple(Span.model_validate(span) for span in row.spans)),)


class SpecialDays(Ruled[SpecialDay, SpecialDayWanted, SpecialDayShown]):
    """Dates that count as another day of the week."""

    table = SpecialDay
    wanted = SpecialDayWanted
    shown = SpecialDayShown
    taken = "this date is a special day of the site already"

    @override
    def fill(self, work: Work, site: Site, row: SpecialDay, wanted: SpecialDayWanted) -> None:
        """Set all of a special day."""
        check_direct(work, site)
        row.date, row.counts_as, row.name = wanted.date, wanted.counts_as, wanted.name

    @override
    def key(self, wanted: SpecialDayWanted) -> dict[str, object]:
        return {"date": wanted.date}

    @override
    def narrowed(self, query: Select[SpecialDay], asked: Asked) -> Select[SpecialDay]:
        assert isinstance(asked, SpecialDaysAsked)
        if asked.date is not None:
            query = query.where(SpecialDay.date == asked.date)
        if asked.year is not None:
            query = query.where(SpecialDay.date.between(date(asked.year, 1, 1), date(asked.year, 12, 31)))
        return query

    @override
    def rules(self, site: Site, row: SpecialDay) -> Sequence[AnyRecord]:
        """Tell all of it."""
        return (SpecialDayRecord(id=row.id, date=row.date.isoformat(), counts_as=row.counts_as, name=row.name),)


class Levels(Ruled[Level, LevelWanted, LevelShown]):
    """Access levels."""

    table = Level
    wanted = LevelWanted
    shown = LevelShown
    taken = "another level of the site has this name"
    in_use = "persons still hold the level"

    @override
    def fill(self, work: Work, site: Site, row: Level, wanted: LevelWanted) -> None:
        """Set name and grants; lanes and schedules must be of the site."""
        check_direct(work, site)
        for at, grant in enumerate(wanted.grants):
            for of_grant, lane in enumerate(grant.lanes):
                of_site(work.session, Lane, lane, site.id, f"grants.{at}.lanes.{of_grant}")
            if grant.schedule is not None:
                of_site(work.session, Schedule, grant.schedule, site.id, f"grants.{at}.schedule")
        row.name = wanted.name
        grants = [_grant(position, grant) for position, grant in enumerate(wanted.grants)]
        if row.grants:
            # Grants are keyed by position: the old ones leave before the new ones take their places.
            row.grants.clear()
            flush(work.session, "another level of the site has this name")
        row.grants = grants
        audience.levels_changed(work.session)

    @override
    def key(self, wanted: LevelWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def opens(self, work: Work, row: Level) -> Audience:
        return audience.of_levels(work.session, (row.id,))

    @override
    def depending(self, work: Work, rows: Sequence[Level]) -> Mapping[Key, Audience]:
        return audience.of_dependents(work.session, repository.holds_one([row.id for row in rows]))

    @override
    def rules(self, site: Site, row: Level) -> Sequence[AnyRecord]:
        """Tell the grants."""
        shown = LevelShown.model_validate(row)
        grants = tuple(LevelGrant(lanes=tuple(sorted(g.lanes)), direction=g.direction, schedule=g.schedule) for g in shown.grants)
        return (LevelRecord(id=row.id, name=row.name, grants=grants),)


def _grant(position: int, wanted: LevelGrant) -> Grant:
    opened = [GrantLane(lane_id=lane) for lane in sorted(set(wanted.lanes))]
    return Grant(position=position, direction=wanted.direction, schedule_id=wanted.schedule, opened=opened)


class Blocks(Records[Block, BlockWanted, BlockShown]):
    """Blocked plates and cards."""

    table = Block
    wanted = BlockWanted
    shown = BlockShown
    taken = "it is on the block list already"

    @override
    def fill(self, work: Work, site: Site, row: Block, wanted: BlockWanted) -> None:
        """Set all of a block."""
        row.plate, row.reason, row.source, row.valid_until = wanted.plate, wanted.reason, wanted.source, wanted.valid_until
        row.raw, row.bits = None, None
        if wanted.raw is not None:
            number = card_number(wanted.raw, wanted.bits)
            row.raw, row.bits = number.raw, number.bits

    @override
    def key(self, wanted: BlockWanted) -> dict[str, object]:
        if wanted.raw is None:
            return {"plate": wanted.plate}
        number = card_number(wanted.raw, wanted.bits)
        return {"raw": number.raw, "bits": number.bits}

    @override
    def show(self, work: Work, row: Block) -> BlockShown:
        facts = {name: getattr(row, name) for name in BlockShown.model_fields.keys() - {"expired"}}
        expired = row.valid_until is not None and row.valid_until <= work.at
        return BlockShown.model_validate({**facts, "expired": expired})

    @override
    def narrowed(self, query: Select[Block], asked: Asked) -> Select[Block]:
        assert isinstance(asked, BlocksAsked)
        query = query.filter_by(**asked.model_dump(include={"plate", "source"}, exclude_none=True))
        if asked.card is not None:
            query = query.where(repository.is_of_card(Block.raw, read_card(asked.card)))
        if asked.expires_before is not None:
            query = query.where(Block.valid_until < asked.expires_before)
        return query

    @override
    def rules(self, site: Site, row: Block) -> Sequence[AnyRecord]:
        """Tell the plate, or one record for each form in which a reader can deliver the card."""
        until = epoch_s(row.valid_until)
        if row.raw is None or row.bits is None:
            return (BlockRecord(id=row.id, plate=row.plate or "", reason=row.reason, valid_until=until),)
        hashes = [card_hash(site.card_key, form).hex() for form in CardNumber(row.raw, row.bits).deliverable()]
        return tuple(
            BlockRecord(id=uuid5(row.id, hashed), card_hash=hashed, reason=row.reason, valid_until=until) for hashed in hashes
        )


schedules = Schedules()
special_days = SpecialDays()
levels = Levels()
blocks = Blocks()
