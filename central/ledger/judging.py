"""What a topic comes to, once all that gates said of it lies together: its findings, and what is explained now."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from access.sealing import unseal
from access.workflows import release_slip
from central.ledger import counted, detect, repository, single
from central.ledger.findings import Finding
from central.ledger.marks import Mark, Spot, mark
from central.ledger.reading import Piece
from central.ledger.reconciled import reconciled
from central.ledger.writing import explain, put
from central.places.settings import settings_of
from central.registry import Work
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

OPENINGS: Final = 10
WORDS_PER_TURN: Final = 200


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
    by_topic: dict[str, list[Mark]] = {f"told:{piece.edge}": [], f"gap:{piece.edge}:{piece.epoch}": []}
    for one in piece.marks:
        by_topic.setdefault(one.topic, []).append(one)
    for topic in sorted(by_topic):
        JUDGES[topic.partition(":")[0]](work, piece.site, topic, by_topic[topic])


def _settled(work: Work, site: UUID, topic: str, found: Iterable[Finding], sure: Collection[UUID] | None = None) -> None:
    """Write down what was found of a topic; what is open of it besides is explained, as far as it was looked at."""
    kept = [one for one in found if sure is None or all(each.entry in sure for each in one.entries)]
    for finding in kept:
        put(work, site, finding)
    explain(work, site, topic, {(one.kind, one.key) for one in kept}, sure)


def _movements(work: Work, site: UUID, topic: str, new: Sequence[Mark]) -> None:
    times = [one.at_us for one in new]
    window = repository.window(work.session, site, topic, min(times), max(times))
    between_s = settings_of(work.session, site).seconds_between_gates
    line = _without_parties(work, site, window.marks)
    _settled(work, site, topic, detect.movements(topic, line, between_s), window.sure)


def _without_parties(work: Work, site: UUID, marks: Sequence[Mark]) -> list[Mark]:
    """Let those be who come several by one credential: they are counted by their visit."""
    visits = {visit for one in marks if (visit := _id(str(one.what.get("visit", ""))))}
    told = repository.rules_of(work.session, site, "visit", visits) if visits else ()
    several = {str(visit) for visit, data in told if json.loads(data).get("party", 1) > 1}
    return [replace(one, what={**one.what, "way": "party"}) if one.what.get("visit") in several else one for one in marks]


def _uses(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    visit = _id(topic.partition(":")[2])
    told = repository.rules_of(work.session, site, "visit", [visit]) if visit else ()
    # What it allowed at its most: nobody is reproached for what was so when they decided.
    allowed = max((_times(json.loads(data)) for _, data in told), default=None)
    found = None
    if allowed is not None and repository.number(work.session, site, topic) > allowed:
        found = counted.used_beyond(topic, repository.marks(work.session, site, topic), allowed)
    _settled(work, site, topic, [found] if found else [])


def _times(told: Any) -> int:
    return int(told.get("uses", 1)) * int(told.get("party", 1))


def _released(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    _, slip, line = [*topic.split(":"), "", ""][:3]
    row = work.session.get(WorkflowRecord, identity) if (identity := _id(slip)) else None
    if row is None or row.site_id != site or row.workflow != release_slip.WORKFLOW.name:
        return
    record: release_slip.ReleaseSlip = adapter(release_slip.ReleaseSlip).validate_json(row.data)
    asked = next((each.asked for each in record.terms.lines if str(each.number) == line), None)
    if asked is None:
        return
    marks = repository.marks(work.session, site, topic)
    found = counted.released_beyond(topic, marks, _thousandths(asked), _thousandths(record.released(int(line))))
    _settled(work, site, topic, [found] if found else [])


def _thousandths(quantity: Decimal) -> int:
    return int(quantity * counted.THOUSANDTHS)


def _clocks(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    for finding in single.clock_faults(topic, repository.marks(work.session, site, topic)):
        put(work, site, finding)


def _openings(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    put(work, site, single.opened_unwritten(topic, repository.marks(work.session, site, topic)))


def _gaps(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    """Look again at the gaps of an epoch: with each piece of it there may be more of what was before and within them."""
    gaps = repository.marks(work.session, site, topic)
    found = []
    for gap in gaps:
        epoch, first = UUID(topic.rpartition(":")[2]), int(gap.what["first"])
        is_here = gap.what["count"] == 0 and repository.entries_at(work.session, gap.edge, epoch, [first])
        if not is_here and (opening := _last_opening(work, gap.edge, epoch, first)):
            found.append(single.opened_before_gap(topic, gap, opening))
    if gaps:
        _settled(work, site, topic, found)


def _last_opening(work: Work, edge: UUID, epoch: UUID, before: int) -> Mark | None:
    """Return the last opening ahead of a number whose passage has no end there."""
    ended = set()
    for row in repository.openings_before(work.session, edge, epoch, before, OPENINGS):
        if row.kind == "passage":
            ended.add(row.passage)
        elif row.passage and row.passage not in ended:
            opened = unseal(row.canonical)
            if opened.fields.get("act") == "open":
                return mark(opened, Spot(row.gate_id, row.lane_id), "")
    return None


def _words_of_peers(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    """Compare what a neighbour is said to have told with its own journal; what that bears out is done with."""
    peer = _id(topic.partition(":")[2])
    told = repository.marks(work.session, site, topic, WORDS_PER_TURN) if peer else []
    if peer is None or not told:
        return
    names = {str(fact[1]) for one in told for fact in one.what["facts"]}
    cursors = repository.cursors(work.session, peer)
    own = single.OwnWord(
        tuple(repository.marks_of_edge(work.session, site, names, peer)),
        {each.epoch.hex: each.through for each in cursors},
        repository.missing(work.session, peer),
    )
    for one in told:
        verdicts = [(fact, single.borne_out(fact, own)) for fact in one.what["facts"]]
        false = [fact for fact, verdict in verdicts if verdict is False]
        about = f"{topic}:{one.entry.hex}"
        _settled(work, site, about, [single.contradicted(about, one, str(peer), false)] if false else [])
        if all(verdict for _, verdict in verdicts):
            repository.drop_mark(work.session, site, one)


def _records(work: Work, site: UUID, topic: str, _new: Sequence[Mark]) -> None:
    if identity := _id(topic.partition(":")[2]):
        marks = repository.marks(work.session, site, topic)
        _settled(work, site, topic, reconciled(work, site, identity, topic, marks))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


Judge = Callable[[Work, UUID, str, Sequence[Mark]], None]
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
