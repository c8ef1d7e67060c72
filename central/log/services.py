"""The log as people read it: rows, one entry, and the story of its passage."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from access.chain import genesis, link
from access.lane_log import in_one_sentence, told_from_entries
from access.plate import shown as plate_shown
from access.sealing import Opened, unseal
from access.words import LANGUAGES
from central.errors import RegistryError
from central.journal import repository as journal_repository
from central.log import repository
from central.log.schemas import EntryShown, LogPage, Proof, Row, Search, StoryEntry
from central.log.words import explained
from central.masking.entries import opened_for
from central.masking.kinds import Sight
from central.masking.walk import masked
from central.records.repository import check_in_sight
from central.records.repository import site as check_site
from central.registry import Work
from central.tables import Gate, JournalEntry, Lane, Picture

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Pictures = Mapping[tuple[UUID, str], Sequence[Picture]]


class Tale(NamedTuple):
    """A passage that is over in one sentence, by language, and the decision that stood at its end (None: there was none)."""

    story: dict[str, str]
    decision: UUID | None


Tales = Mapping[tuple[UUID, str], Tale]
NO_TALE = Tale({}, None)


def search(work: Work, wanted: Search) -> LogPage:
    """Return one page of what fits, newest first; RegistryError 422 for a gate or lane that the actor does not see."""
    check_places(work, wanted)
    found = repository.search(work, wanted, wanted.limit + 1)
    more = len(found) > wanted.limit
    if wanted.newer is not None:
        kept = found[1:] if more else found
        newer, older = more, bool(kept)
    else:
        kept = found[: wanted.limit]
        newer, older = wanted.older is not None and bool(kept), more
    return LogPage(
        rows=rows_of(work, kept),
        older=cursor(kept[-1]) if older else None,
        newer=cursor(kept[0]) if newer else None,
    )


def check_places(work: Work, wanted: Search) -> None:
    """Raise RegistryError 422 for a gate, lane or site that the actor does not see."""
    for gate in wanted.gate:
        check_in_sight(work, Gate, gate, "gate")
    for lane in wanted.lane:
        check_in_sight(work, Lane, lane, "lane")
    if wanted.site is not None:
        check_site(work, wanted.site)


def rows_of(work: Work, entries: Sequence[JournalEntry]) -> list[Row]:
    """Return entries as the actor sees them in a list."""
    opened = [(row, opened_by(work, row)) for row in entries]
    pictures, tales = _pictures(work, opened), tales_of(work, entries)
    return masked([_row(row, facts, pictures, tales) for row, facts in opened], Sight(work.actor.role))


def show_entry(work: Work, entry_id: UUID) -> EntryShown:
    """Return one entry with its passage's story and its proof; RegistryError 404."""
    row = repository.entry(work, entry_id)
    if row is None:
        raise RegistryError("there is no such entry", 404, "id")
    passage = [(each, opened_by(work, each)) for each in repository.story(work.session, row)]
    facts = opened_by(work, row)
    return EntryShown(
        row=masked(_row(row, facts, _pictures(work, [(row, facts)]), tales_of(work, [row])), Sight(work.actor.role)),
        fields=_plain(facts.fields),
        story=_story(passage),
        proof=_proof(work, row, facts),
    )


def opened_by(work: Work, row: JournalEntry) -> Opened:
    """Read an entry back as the actor sees it: of a masked one all sentences are masked too."""
    return opened_for(unseal(row.canonical, row.personal), Sight(work.actor.role))


def cursor(row: JournalEntry) -> str:
    """Return where a row stands in the log."""
    return f"{row.at_us}-{row.id.hex}"


def utc_of(at_us: int) -> datetime:
    """Return the time of UTC microseconds, exactly."""
    return EPOCH + timedelta(microseconds=at_us)


def _row(row: JournalEntry, facts: Opened, pictures: Pictures, tales: Tales) -> Row:
    fields = facts.fields
    capture = str(fields.get("capture", ""))
    tale = tales.get((row.edge_id, row.passage or ""), NO_TALE)
    return Row(
        id=row.id,
        at=utc_of(row.at_us),
        kind=row.kind,
        site=row.site_id,
        gate=row.gate_id,
        lane=row.lane_id,
        passage=row.passage or "",
        outcome=row.outcome or row.kind,
        reason=row.reason or "",
        sentence=explained(row.kind, fields),
        story=tale.story,
        concludes=tale.decision in (row.id, None),
        medium=row.medium or "",
        credential=_credential(row, fields),
        holder=str(fields.get("holder") or fields.get("guard_name") or ""),
        unit=str(fields.get("unit") or ""),
        category=row.category or "",
        person=row.person_id,
        pictures=[picture.sha256 for picture in pictures.get((row.edge_id, capture), ())],
    )


def _credential(row: JournalEntry, fields: Mapping[str, Any]) -> str:
    """Show a plate with its dot, a card as delivered, of a code only the end: whoever has its text can pass."""
    text = str(fields.get("text") or "")
    if row.medium == "code":
        return f"…{text[-4:]}" if text else ""
    return plate_shown(row.plate) if row.plate else text


def _pictures(work: Work, rows: Sequence[tuple[JournalEntry, Opened]]) -> Pictures:
    captures = {(row.edge_id, str(facts.fields.get("capture", ""))) for row, facts in rows}
    return journal_repository.pictures_of(work.session, {pair for pair in captures if pair[1]})


def tales_of(work: Work, rows: Sequence[JournalEntry]) -> Tales:
    """Return the tale of each passage of these rows that is over."""
    lanes = {(row.edge_id, row.passage): row.lane_id for row in rows if row.passage is not None}
    kinds = repository.lane_kinds(work.session, {lane for lane in lanes.values() if lane is not None})
    entries: dict[tuple[UUID, str], list[Opened]] = {passage: [] for passage in lanes}
    for entry in repository.told_of(work, lanes.keys()):
        entries[entry.edge_id, entry.passage or ""].append(opened_by(work, entry))
    tales = {}
    for passage, known in entries.items():
        lane = lanes[passage]
        if told := told_from_entries(known, kinds.get(lane, "vehicle") if lane else "vehicle"):
            decisions = [entry.id for entry in known if entry.kind == "decision"]
            story = {language: in_one_sentence(told, language) for language in LANGUAGES}
            tales[passage] = Tale(story, decisions[-1] if decisions else None)
    return tales


def _story(passage: Sequence[tuple[JournalEntry, Opened]]) -> list[StoryEntry]:
    story, before = [], None
    for row, facts in passage:
        after_us = 0 if before is None else _between_us(before, facts)
        story.append(
            StoryEntry(
                id=row.id,
                seq=row.seq,
                at=utc_of(row.at_us),
                after_ms=after_us / 1000,
                kind=row.kind,
                fields=_plain(facts.fields),
                erased=facts.erased,
                sentence=explained(row.kind, facts.fields),
            )
        )
        before = facts
    return story


def _between_us(before: Opened, after: Opened) -> int:
    """Return the time between two entries by the monotonic clock, or by UTC where that began anew with a boot."""
    mono_us = after.stamp.mono_us - before.stamp.mono_us
    return mono_us if mono_us >= 0 else after.stamp.utc_us - before.stamp.utc_us


def _proof(work: Work, row: JournalEntry, facts: Opened) -> Proof:
    if row.seq == 1:
        follows: bytes | None = genesis(row.edge_id, row.epoch)
    else:
        follows = journal_repository.chain_hash(work.session, row.edge_id, row.epoch, row.seq - 1)
    return Proof(
        edge=row.edge_id,
        epoch=row.epoch,
        seq=row.seq,
        follows=follows.hex() if follows else "",
        chain_hash=row.chain_hash.hex(),
        holds=follows is not None and link(follows, row.canonical) == row.chain_hash,
        clock=facts.stamp.quality,
        received_at=row.received_at,
    )


def _plain(value: Any) -> Any:
    """Return CBOR's values as JSON has them: bytes as hex, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
