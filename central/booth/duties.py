"""The duty log, patrol rounds and counts follow what guards wrote at booths."""

from typing import Annotated, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from central.booth.errors import NotTakenError
from central.booth.facts import pictures, post_here
from central.booth.reading import Act
from central.booth.tables import BoothCount
from central.duty import rounds
from central.duty.log import duty_log
from central.duty.log_schemas import EntryWanted
from central.duty.patrol_schemas import PointVisited, RoundEnded, RoundWanted
from central.duty.tables import DutyLogEntry, PatrolRound
from central.records.schemas import Line, Name
from central.registry import Work
from central.tables import Site

NOTE: Final = "note"
COUNT_MAX: Final = 1000


class Counted(BaseModel):
    """Who was counted where no reader is; a negative number takes back what was counted by mistake."""

    what: Annotated[Name, Field(max_length=40)]
    direction: Literal["in", "out", ""] = ""
    number: Annotated[int, Field(ge=-COUNT_MAX, le=COUNT_MAX)]


class Noted(BaseModel):
    """An entry of the duty log as a booth writes it."""

    post: Line = ""
    entry_kind: Annotated[Name, Field(max_length=40)] = NOTE
    corrects: UUID | None = None
    told: tuple[Line, ...] = ()


def log(work: Work, act: Act) -> None:
    """Add an entry to the duty log; who signed in and out stays in the journal."""
    assert act.told is not None, "nonsense is no entry"
    if act.told.act != NOTE:
        return
    identity, site = _named(act), _site(work)
    if work.session.get(DutyLogEntry, identity) is not None:
        raise NotTakenError("begun_already")
    noted = Noted.model_validate({**act.told.values, **act.details})
    wanted = EntryWanted(
        site=site.id,
        post=post_here(work, act, noted.post),
        at=work.at,
        entry_kind=noted.entry_kind,
        text=str(act.details.get("text") or act.told.words),
        told=noted.told,
        pictures=pictures(act),
        corrects=noted.corrects,
    )
    duty_log.create(work, wanted, identity)


def patrol(work: Work, act: Act) -> None:
    """Begin a round, note a point of it, or end it."""
    assert act.told is not None, "nonsense is no round"
    identity, said = _named(act), act.told
    if said.act == "begin":
        if work.session.get(PatrolRound, identity) is not None:
            raise NotTakenError("begun_already")
        rounds.begin(work, RoundWanted(site=_site(work).id, route=said.values["route"], at=work.at), identity)
    elif said.act == "visit":
        rounds.visit(work, identity, PointVisited(code=said.values["code"], at=work.at))
    elif said.act == "end":
        rounds.end(work, identity, RoundEnded(at=work.at, remark=said.words))
    else:
        raise ValueError("no act of a round")


def count(work: Work, act: Act) -> None:
    """Count who passed, by the hour of the site's clock."""
    assert act.told is not None, "nonsense counts nobody"
    if work.session.get(BoothCount, act.id) is not None:
        return
    counted, site = Counted.model_validate(act.told.values), _site(work)
    at = work.at.astimezone(ZoneInfo(site.zone))
    work.session.add(
        BoothCount(
            id=act.id,
            site_id=site.id,
            gate_id=act.gate,
            at=work.at,
            day=at.date().isoformat(),
            hour=at.hour,
            what=counted.what,
            direction=counted.direction,
            number=counted.number,
        )
    )


def _named(act: Act) -> UUID:
    if act.record is None:
        raise ValueError("it is about no record")
    return act.record


def _site(work: Work) -> Site:
    return work.session.get_one(Site, work.actor.site)
