"""What a piece of a journal tells of guards' acts, done to the registry's records: each act once, none in the way of another."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError

from access.acts import BREAK_GLASS
from access.sharing import FROM_GATE
from central.actors import REGISTRY, Actor
from central.booth import duties, flows, found, repository
from central.booth.errors import NotTakenError
from central.booth.guards import rights_of
from central.booth.kinds import WORKFLOW_OF
from central.booth.passages import follow_passage
from central.booth.reading import Act, Piece, read
from central.booth.repository import REFUSED
from central.booth.tables import BoothAct
from central.errors import RegistryError
from central.ledger.judging import judge
from central.ledger.repository import take_turn as take_turn_to_judge
from central.records.turns import take_turn
from central.registry import Work
from central.workflows.services import RefusedError

DONE: Final = "done"
NONSENSE: Final = "nonsense"
LEADER: Final = "shift_leader"
# What people sent, and we cannot make sense of.
_NONSENSE: Final = (RequestValidationError, ValidationError, ValueError, KeyError, TypeError)
_WHY: Final[Mapping[int, str]] = {403: "not_allowed", 404: "unknown_record"}
log = structlog.get_logger("central.booth")


def _nothing(work: Work, act: Act) -> None:
    """Let stand in the journal what no record follows: alarms that were seen, vehicles that were checked."""
    del work, act


FOLLOWERS: Final[Mapping[str, Callable[[Work, Act], None]]] = {
    **dict.fromkeys(flows.FLOWS, flows.move),
    "duty": duties.log,
    "round": duties.patrol,
    "count": duties.count,
    "acknowledgement": _nothing,
    "vehicle": _nothing,
}


def follow(work: Work, piece: Piece) -> None:
    """Do what a piece tells; where another has done it meanwhile, nothing."""
    session = work.session
    take_turn(session, piece.site)
    if piece.through is None:
        if not repository.forget_parked(session, piece.place, piece.again):
            return
    else:
        cursor = repository.cursor(session, piece.place)
        if cursor.through != piece.after:
            return
        cursor.through = piece.through
        repository.note_parked(session, piece.place, piece.parked)
    session.flush()
    for act in piece.acts:
        _take_with_later(work, piece.site, act)


def _take_with_later(work: Work, site: UUID, act: Act) -> None:
    """Take an act over, and after it what was done later to the same record and was not possible without it."""
    if _take(work, site, act) != DONE or act.record is None:
        return
    for row in repository.refused_since(work.session, site, act.record, act.at_us):
        epoch = (row.edge_id, row.epoch)
        for later in read(epoch, repository.acts_at(work.session, epoch, [row.seq])):
            _take(work, site, later)


def _take(work: Work, site: UUID, act: Act) -> str:
    known = work.session.get(BoothAct, act.id)
    if known is not None and known.outcome != REFUSED:
        return known.outcome
    outcome, why = _outcome(work, site, act)
    if known is None:
        known = _row(work, site, act)
        work.session.add(known)
    before, is_news = known.outcome, (known.outcome, known.why) != (outcome, why)
    known.outcome, known.why = outcome, why
    work.session.flush()
    if outcome != DONE and is_news:
        log.warning("a guard's act was not taken over", entry=str(act.id), kind=act.kind, outcome=outcome, why=why)
    if act.passed is not None:
        return outcome  # what contradicts itself of passages the ledger finds by their facts
    if act.kind not in WORKFLOW_OF:
        _tell(work, site, act, before, outcome, why)
    elif outcome == REFUSED:
        take_turn_to_judge(work.session, site)
        judge(work, site, {f"record:{act.record}": ()})
    return outcome


def _tell(work: Work, site: UUID, act: Act, before: str, outcome: str, why: str) -> None:
    """Have people told of an act that no workflow's record contradicts: it is nowhere, or is now after all."""
    if outcome != DONE:
        found.not_taken_over(work, site, act, why if outcome == REFUSED else NONSENSE)
    elif before == REFUSED:
        found.taken_over_at_last(work, site, act)


def _outcome(work: Work, site: UUID, act: Act) -> tuple[str, str]:
    try:
        if act.passed is not None:
            _do_as_lane(work, site, act)
        else:
            _do_as_guard(work, site, act)
    except NotTakenError as error:
        return REFUSED, error.code
    except RegistryError as error:
        return REFUSED, str(_WHY.get(error.status_code) or error.facts.get("code") or error.field or REFUSED)
    except _NONSENSE as error:
        return NONSENSE, type(error).__name__
    except (OperationalError, InterfaceError):
        raise  # of the database, and not of this act
    except Exception:
        log.exception("a guard's act could not be taken over", entry=str(act.id), kind=act.kind)
        return REFUSED, "fault"
    return DONE, ""


def _do(work: Work, act: Act) -> None:
    """Let the record follow: in its place by the gate's clock, else as late as that clock may have been behind."""
    try:
        _do_at(work, act)
    except RefusedError:
        until = min(act.at_latest, work.noted_at)
        later = repository.last_event(work.session, act.record, work.at, until) if act.record else None
        if later is None:
            raise
        _do_at(replace(work, at=later), act)


def _do_at(work: Work, act: Act) -> None:
    with work.session.begin_nested():
        if act.passed is not None:
            follow_passage(work, act.gate, act.passed)
        else:
            FOLLOWERS[act.kind](work, act)
        work.session.flush()


def _do_as_lane(work: Work, site: UUID, act: Act) -> None:
    """Do it as the registry, on the word of the gate."""
    actor = replace(REGISTRY, site=site, origin=f"{FROM_GATE}{act.edge}")
    _do(replace(work, actor=actor, at=min(act.at, work.at), written_at=work.at, entry=act.id), act)


def _do_as_guard(work: Work, site: UUID, act: Act) -> None:
    """Do it as the guard's at that time, which the registry's own clock bounds; NotTakenError for none of the site.

    What happened at the gate happened: also what was done by who had no right to it any more is taken over, and people are told.
    """
    if act.told is None:
        raise ValueError("not in the form of an act")
    badge, is_told_as_leader = act.told.guard, act.told.role == LEADER
    rights = None if badge == BREAK_GLASS else rights_of(work, site, badge, act, as_leader=is_told_as_leader)
    if rights is None and badge != BREAK_GLASS:
        raise NotTakenError("no_such_guard")
    role = LEADER if is_told_as_leader and rights is not None and rights.leads else "guard"
    actor = Actor(badge, role, site, f"{FROM_GATE}{act.edge}", badge=badge)
    _do(replace(work, actor=actor, at=min(act.at, work.at), written_at=work.at, entry=act.id), act)
    if rights is not None:
        found.acted_after(work, site, act, badge, rights)


def _row(work: Work, site: UUID, act: Act) -> BoothAct:
    return BoothAct(
        id=act.id,
        site_id=site,
        edge_id=act.edge,
        epoch=act.epoch,
        seq=act.seq,
        kind=act.kind,
        act=act.told.act if act.told else "",
        record_id=act.record,
        at_us=act.at_us,
        followed_at=work.at,
    )
