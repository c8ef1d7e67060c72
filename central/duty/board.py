"""Notices, and where vehicles and staff have gone: kept by the office, shown at booths and on lane displays."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, case, or_, select
from typing_extensions import override

from access.contract.records import AnyRecord
from central.duty.at_booth import away_records, may_be_away, notice_records
from central.duty.board_schemas import (
    ApplicantShown,
    ApplicantWanted,
    Away,
    BoardAsked,
    BoardShown,
    NoticesAsked,
    NoticeShown,
    NoticeWanted,
    Posted,
    WhereaboutsAsked,
    WhereaboutsShown,
    WhereaboutsWanted,
)
from central.duty.tables import Applicant, Notice, Whereabouts
from central.errors import RegistryError
from central.records import repository
from central.records.repository import of_site
from central.records.schemas import Asked, Page
from central.records.services import PAGING, Records
from central.registry import Work
from central.tables import Gate, Lane, Site
from central.users.rights import Role
from central.vehicles.schemas import normal_plate

# What one answer holds at most; there is no display for more.
NOTICES_MAX: Final = 50
AWAY_MAX: Final = 100
LOOKED_THROUGH_MAX: Final = 500
GUARDS: Final[frozenset[Role]] = frozenset({"guard", "shift_leader"})


class Notices(Records[Notice, NoticeWanted, NoticeShown]):
    """Notices."""

    table = Notice
    wanted = NoticeWanted
    shown = NoticeShown
    taken = "another notice of the site has this title and beginning"

    @override
    def fill(self, work: Work, site: Site, row: Notice, wanted: NoticeWanted) -> None:
        """Set all of a notice; gates and lanes are of the site."""
        begins = wanted.valid_from or row.valid_from or work.at
        if wanted.valid_until and wanted.valid_until <= begins:
            raise RegistryError("it would end before it begins", 422, "valid_until")
        for gate in sorted(wanted.gates):
            of_site(work.session, Gate, gate, site.id, "gates")
        for lane in sorted(wanted.lanes):
            of_site(work.session, Lane, lane, site.id, "lanes")
        row.title, row.text, row.title_en, row.text_en = wanted.title, wanted.text, wanted.title_en, wanted.text_en
        row.at_booth, row.at_lane_display, row.at_office = wanted.at_booth, wanted.at_lane_display, wanted.at_office
        row.gates, row.lanes = sorted(map(str, wanted.gates)), sorted(map(str, wanted.lanes))
        row.importance, row.valid_from, row.valid_until = wanted.importance, begins, wanted.valid_until

    @override
    def key(self, wanted: NoticeWanted) -> dict[str, object]:
        return {"title": wanted.title, "valid_from": wanted.valid_from}

    @override
    def at_booths(self, work: Work, site: Site, row: Notice) -> Sequence[AnyRecord]:
        """Show what is for booths and lane displays, until it is over."""
        return tuple(notice_records(row, work.noted_at))

    @override
    def change(self, work: Work, record_id: UUID, wanted: NoticeWanted, seen: int | None = None) -> NoticeShown:
        """Change a notice; RegistryError 403 for guards, who may post one but not alter what the office says."""
        _check_office(work)
        return super().change(work, record_id, wanted, seen)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        """Delete a notice; RegistryError 403 for guards."""
        _check_office(work)
        super().delete(work, record_id, seen)

    @override
    def page(self, work: Work, asked: Asked) -> Page[NoticeShown]:
        if isinstance(asked, NoticesAsked) and asked.current and asked.at is None:
            asked = asked.model_copy(update={"at": work.at})
        return super().page(work, asked)

    @override
    def narrowed(self, query: Select[Notice], asked: Asked) -> Select[Notice]:
        assert isinstance(asked, NoticesAsked)
        query = query.filter_by(**asked.model_dump(exclude={*PAGING, "current", "at"}, exclude_none=True))
        return query if asked.at is None else _valid(query, asked.at)


class WhereaboutsOf(Records[Whereabouts, WhereaboutsWanted, WhereaboutsShown]):
    """Where vehicles and staff have gone."""

    table = Whereabouts
    wanted = WhereaboutsWanted
    shown = WhereaboutsShown
    taken = "somebody has noted this already"

    @override
    def fill(self, work: Work, site: Site, row: Whereabouts, wanted: WhereaboutsWanted) -> None:
        """Set all of it; a vehicle is known by its plate in normal form, and nobody is back before leaving."""
        left = wanted.left_at or row.left_at or work.at
        for field, at in (("expected_back", wanted.expected_back), ("returned_at", wanted.returned_at)):
            if at is not None and at < left:
                raise RegistryError("this lies before the departure", 422, field)
        row.subject_kind, row.subject = wanted.subject_kind, self._subject(wanted)
        row.destination, row.remark, row.left_at = wanted.destination, wanted.remark, left
        row.expected_back, row.returned_at = wanted.expected_back, wanted.returned_at

    @override
    def key(self, wanted: WhereaboutsWanted) -> dict[str, object]:
        return {"subject": self._subject(wanted), "left_at": wanted.left_at}

    @override
    def at_booths(self, work: Work, site: Site, row: Whereabouts) -> Sequence[AnyRecord]:
        """Show who is away, until that can be true no more."""
        return tuple(away_records(row, work.noted_at))

    @override
    def narrowed(self, query: Select[Whereabouts], asked: Asked) -> Select[Whereabouts]:
        assert isinstance(asked, WhereaboutsAsked)
        query = query.filter_by(**asked.model_dump(exclude={*PAGING, "current"}, exclude_none=True))
        return query.where(Whereabouts.returned_at.is_(None)) if asked.current else query

    def returned(self, work: Work, record_id: UUID, seen: int | None) -> WhereaboutsShown:
        """Note that somebody is back; RegistryError 404, and 409 where that is noted already."""
        row = repository.get(work, Whereabouts, record_id, changing=True)
        self.check_seen(work, row, seen)
        if row.returned_at is not None:
            raise RegistryError("the return is noted already", 409)
        return self.amend(work, row, lambda: setattr(row, "returned_at", max(work.at, row.left_at)))

    def _subject(self, wanted: WhereaboutsWanted) -> str:
        if wanted.subject_kind != "vehicle":
            return wanted.subject
        try:
            return normal_plate(wanted.subject)
        except ValueError as error:
            raise RegistryError("this is no plate", 422, "subject") from error


class Applicants(Records[Applicant, ApplicantWanted, ApplicantShown]):
    """Those who came about a job."""

    table = Applicant
    wanted = ApplicantWanted
    shown = ApplicantShown
    taken = "an applicant of this name came at the same time"

    @override
    def fill(self, work: Work, site: Site, row: Applicant, wanted: ApplicantWanted) -> None:
        """Set all of an applicant."""
        for name in ("name", "phone_tail", "position", "waits_where", "department", "interviewer", "state", "remark"):
            setattr(row, name, getattr(wanted, name))
        row.came_at = wanted.came_at or row.came_at or work.at

    @override
    def key(self, wanted: ApplicantWanted) -> dict[str, object]:
        return {"name": wanted.name, "came_at": wanted.came_at}


notices = Notices()
whereabouts = WhereaboutsOf()
applicants = Applicants()


def board(work: Work, asked: BoardAsked) -> BoardShown:
    """Return what is to be shown at a time; RegistryError 422 for a site or gate that is none of the actor's."""
    site = repository.site(work, asked.site)
    at = asked.at or work.at
    posted = _posted(work, site, at, asked.gate)
    query = select(Whereabouts).where(Whereabouts.site_id == site.id, Whereabouts.left_at <= at)
    query = query.where(or_(Whereabouts.returned_at.is_(None), Whereabouts.returned_at > at), may_be_away(at))
    gone = work.session.scalars(query.order_by(Whereabouts.left_at.desc(), Whereabouts.id).limit(AWAY_MAX + 1)).all()
    return BoardShown(
        at=at,
        booth=[Posted.model_validate(row) for row in posted if row.at_booth][:NOTICES_MAX],
        lane_display=[Posted.model_validate(row) for row in posted if row.at_lane_display][:NOTICES_MAX],
        office=[Posted.model_validate(row) for row in posted if row.at_office][:NOTICES_MAX],
        away=[_away(row, at) for row in gone[:AWAY_MAX]],
        more_away=len(gone) > AWAY_MAX,
    )


def _check_office(work: Work) -> None:
    if work.actor.role in GUARDS:
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)


def _posted(work: Work, site: Site, at: datetime, gate: UUID | None) -> Sequence[Notice]:
    rank = case((Notice.importance == "urgent", 0), (Notice.importance == "important", 1), else_=2)
    query = _valid(select(Notice), at).where(
        Notice.site_id == site.id, or_(Notice.at_booth, Notice.at_lane_display, Notice.at_office)
    )
    rows = work.session.scalars(query.order_by(rank, Notice.valid_from.desc(), Notice.id.desc()).limit(LOOKED_THROUGH_MAX)).all()
    if gate is None:
        return rows
    of_site(work.session, Gate, gate, site.id, "gate")
    here = {str(lane) for lane in work.session.scalars(select(Lane.id).where(Lane.gate_id == gate))} | {str(gate)}
    return [row for row in rows if _is_for(row, here)]


def _is_for(row: Notice, here: Collection[str]) -> bool:
    """Tell whether a notice is for one of these gates or lanes."""
    named = [*row.gates, *row.lanes]
    return not named or any(each in here for each in named)


def _away(row: Whereabouts, at: datetime) -> Away:
    shown = Away.model_validate(row)
    return shown.model_copy(update={"is_late": row.expected_back is not None and row.expected_back < at})


def _valid(query: Select[Notice], at: datetime) -> Select[Notice]:
    return query.where(Notice.valid_from <= at, or_(Notice.valid_until.is_(None), Notice.valid_until > at))
