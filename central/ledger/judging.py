"""What a topic comes to, once all that gates said of it lies together: its findings, and what is explained now."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from access.sealing import unseal
from access.workflows import release_slip
from central.ledger import counted, detect, repository, single
from central.ledger.findings import Finding
from central.ledger.marks import Mark, Spot, mark
from central.ledger.reading import Piece
from central.ledger.reconciled import reconciled, released_at_office
from central.ledger.writing import explain, put
from central.places.settings import settings_of
from central.registry import Work
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

OPENINGS: Final = 10
# More than a piece of an epoch makes ripe at all gates of a site together; what is left is looked at with the next.
WORDS_PER_TURN: Final = 2_000


class Turn(NamedTuple):
    """One's turn to judge: of which site, the time that it takes between gates, and of which topics something is open."""

    work: Work
    site: UUID
    between_s: int
    open: frozenset[str]


def keep(work: Work, piece: Piece) -> None:
    """Keep what a piece says, and judge every topic that it touches; where another has kept it meanwhile, nothing."""
    session = work.session
    repository.take_turn(session, piece.site)
    if piece.through is None:
        repository.forget_parked(session, piece.edge, piece.epoch, piece.again)
    else:
        cursor = repository.cursor(session, piece.edge, piece.epoch)
        if cursor.through != piece.after:
            return
        cursor.through = piece.through
        repository.note_parked(session, piece.edge, piece.epoch, piece.parked)
    session.flush()
    repository.add_marks(session, piece.site, piece.marks)
    for finding in piece.found:
        put(work, piece.site, finding)
    by_topic: dict[str, list[Mark]] = {f"told:{piece.edge}:{piece.epoch}": [], f"gap:{piece.edge}:{piece.epoch}": []}
    for one in piece.marks:
        by_topic.setdefault(one.topic, []).append(one)
    judge(work, piece.site, by_topic)


def judge(work: Work, site: UUID, by_topic: Mapping[str, Sequence[Mark]]) -> None:
    """Judge topics anew, of which these marks are new."""
    turn = Turn(
        work, site, settings_of(work.session, site).seconds_between_gates, repository.open_topics(work.session, site, by_topic)
    )
    for topic in sorted(by_topic):
        JUDGES[topic.partition(":")[0]](turn, topic, by_topic[topic])


def _settled(turn: Turn, topic: str, found: Iterable[Finding], sure: Collection[UUID] | None = None) -> None:
    """Write down what was found of a topic; what is open of it besides is explained, as far as it was looked at."""
    kept = [one for one in found if sure is None or all(each.entry in sure for each in one.entries)]
    for finding in kept:
        put(turn.work, turn.site, finding)
    if topic in turn.open:
        explain(turn.work, turn.site, topic, {(one.kind, one.key) for one in kept}, sure)


def _movements(turn: Turn, topic: str, new: Sequence[Mark]) -> None:
    judged: set[UUID] = set()
    for one in new:
        if one.entry not in judged:
            window = repository.window(turn.work.session, turn.site, topic, one.at_us)
            line = _without_parties(turn.work, turn.site, window.marks)
            _settled(turn, topic, detect.movements(topic, line, turn.between_s), window.sure)
            judged |= window.sure


def _without_parties(work: Work, site: UUID, marks: Sequence[Mark]) -> list[Mark]:
    """Let those be who come several by one credential: they are counted by their visit."""
    visits = {visit for one in marks if (visit := _id(str(one.what.get("visit", ""))))}
    told = repository.rules_of(work.session, site, "visit", visits) if visits else ()
    several = {str(visit) for visit, data in told if json.loads(data).get("party", 1) > 1}
    return [replace(one, what={**one.what, "way": "party"}) if one.what.get("visit") in several else one for one in marks]


def _uses(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    visit = _id(topic.partition(":")[2])
    told = repository.rules_of(turn.work.session, turn.site, "visit", [visit]) if visit else ()
    # What it allowed at its most: nobody is reproached for what was so when they decided.
    allowed = max((_times(json.loads(data)) for _, data in told), default=None)
    if allowed is None:
        return
    found = None
    if repository.number(turn.work.session, turn.site, topic) > allowed:
        found = counted.used_beyond(topic, repository.marks(turn.work.session, turn.site, topic), allowed)
    _settled(turn, topic, [found] if found else [])


def _times(told: Any) -> int:
    return int(told.get("uses", 1)) * int(told.get("party", 1))


def _released(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    _, slip, line = [*topic.split(":"), "", ""][:3]
    row = turn.work.session.get(WorkflowRecord, identity) if (identity := _id(slip)) else None
    if row is None or row.site_id != turn.site or row.workflow != release_slip.WORKFLOW.name:
        return
    record: release_slip.ReleaseSlip = adapter(release_slip.ReleaseSlip).validate_json(row.data)
    asked = next((each.asked for each in record.terms.lines if str(each.number) == line), None)
    if asked is None:
        return
    marks = repository.marks(turn.work.session, turn.site, topic)
    at_office = released_at_office(turn.work.session, row.id, int(line), {one.entry for one in marks})
    found = counted.released_beyond(topic, marks, _thousandths(asked), _thousandths(at_office))
    _settled(turn, topic, [found] if found else [])


def _thousandths(quantity: Decimal) -> int:
    return int(quantity * counted.THOUSANDTHS)


def _clocks(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    for finding in single.clock_faults(topic, repository.marks(turn.work.session, turn.site, topic)):
        put(turn.work, turn.site, finding)


def _openings(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    put(turn.work, turn.site, single.opened_unwritten(topic, repository.marks(turn.work.session, turn.site, topic)))


def _gaps(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    """Look again at the gaps of an epoch: with each piece of it there may be more of what was before and within them."""
    gaps = repository.marks(turn.work.session, turn.site, topic)
    found = []
    for gap in gaps:
        epoch, first = UUID(topic.rpartition(":")[2]), int(gap.what["first"])
        is_here = gap.what["count"] == 0 and repository.entries_at(turn.work.session, gap.edge, epoch, [first])
        if not is_here and (opening := _last_opening(turn.work, gap.edge, epoch, first)):
            found.append(single.opened_before_gap(topic, gap, opening))
    if gaps:
        _settled(turn, topic, found)


def _last_opening(work: Work, edge: UUID, epoch: UUID, before: int) -> Mark | None:
    """Return the last opening ahead of a number whose passage has no end in its epoch: neither there nor behind the gap."""
    rows = repository.openings_before(work.session, edge, epoch, before, OPENINGS)
    ended = repository.ended(work.session, edge, epoch, {row.passage for row in rows if row.passage})
    for row in rows:
        if row.kind == "command" and row.passage and row.passage not in ended:
            opened = unseal(row.canonical)
            if opened.fields.get("act") == "open":
                return mark(opened, Spot(row.gate_id, row.lane_id), "")
    return None


def _words_of_peers(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    """Compare what a neighbour is said to have told of an epoch with that, as far as it has come; then it is done with."""
    _, peer, epoch = topic.split(":")
    of_epoch = UUID(peer), UUID(epoch)
    begun, through = repository.whole_through(turn.work.session, *of_epoch)
    for one in repository.ripe(turn.work.session, turn.site, topic, through, WORDS_PER_TURN):
        false = []
        for fact in one.what["facts"]:
            said = repository.said(turn.work.session, turn.site, str(fact[1]), of_epoch, int(fact[-1]))
            if single.borne_out(fact, said, begun) is False:
                false.append(fact)
        if false:
            put(turn.work, turn.site, single.contradicted(f"{topic}:{one.entry.hex}", one, peer, false))
        repository.drop_mark(turn.work.session, turn.site, one)


def _records(turn: Turn, topic: str, _new: Sequence[Mark]) -> None:
    if identity := _id(topic.partition(":")[2]):
        marks = repository.marks(turn.work.session, turn.site, topic)
        _settled(turn, topic, reconciled(turn.work, turn.site, identity, topic, marks))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


Judge = Callable[[Turn, str, Sequence[Mark]], None]
JUDGES: Final[dict[str, Judge]] = {
    "at": _movements,
    "held": _movements,
    "uses": _uses,
    "released": _released,
    "clock": _clocks,
    "open": _openings,
    "gap": _gaps,
    "told": _words_of_peers,
    "record": _records,
}
