"""A contradiction in words, in both languages: its sentence, and each of its stories, told as the log tells passages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from access.lane_log import in_time
from access.sealing import Opened
from access.words import in_words, worded
from access.workflows.refusals import FINDINGS
from access.workflows.words import EVENTS, STATES
from central.ledger import words
from central.ledger.schemas import StoryShown
from central.ledger.tables import Conflict, ConflictEntry
from central.log.services import opened_by, tales_of, utc_of
from central.log.words import explained
from central.records.schemas import WordsShown
from central.registry import Work
from central.tables import JournalEntry, Site

TALE_KINDS: Final = frozenset({"decision", "passage", "command", "outcome"})


def sentence(row: Conflict, zone: ZoneInfo) -> WordsShown:
    """Say what does not go together."""
    code = f"{row.kind} {row.facts.get('how', '')}"
    return _in_both(lambda language: in_words(words.SUMMARIES, code, _values(row, zone, language), language))


def stories(work: Work, row: Conflict) -> list[StoryShown]:
    """Tell all sides: each entry of a gate, and what the registry has on record against them."""
    zone = ZoneInfo(work.session.get_one(Site, row.site_id).zone)
    entries = [(each, work.session.get(JournalEntry, (each.edge_id, each.epoch, each.seq))) for each in row.entries]
    tales = tales_of(work, [entry for _, entry in entries if entry is not None])
    told = [_story(each, _of_entry(work, entry, tales)) for each, entry in entries]
    how = f"{row.kind} {row.facts.get('how', '')}"
    code = how if how in words.REGISTRY else row.kind
    if code not in words.REGISTRY:
        return told
    received = next((entry.received_at for _, entry in entries if entry is not None), None)
    more = {"received": f"{received.astimezone(zone):%Y-%m-%d %H:%M:%S}" if received else "—"}
    said = _in_both(lambda language: in_words(words.REGISTRY, code, {**_values(row, zone, language), **more}, language))
    return [*told, _of_registry(said)]


def in_both(table: Any, code: str) -> WordsShown:
    """Return the words of a code."""
    return _in_both(lambda language: worded(table, code, language))


def _in_both(say: Any) -> WordsShown:
    return WordsShown(zh=say("zh"), en=say("en"))


def _values(row: Conflict, zone: ZoneInfo, language: str) -> Mapping[str, Any]:
    """Return the values of its sentences: times on the site's clock, lengths of time and codes in words."""
    facts = dict(row.facts)
    facts |= {name: in_time(facts[f"{name}_s"] * 1000, language) for name in ("late", "age") if f"{name}_s" in facts}
    if "seconds" in facts:
        sign = "-" if facts["seconds"] < 0 else ""
        facts["by"] = sign + in_time(abs(facts["seconds"]) * 1000, language)
    if "since_us" in facts:
        facts["since"] = f"{utc_of(facts['since_us']).astimezone(zone):%Y-%m-%d %H:%M:%S}"
        facts |= {
            "what": worded(words.RECORDS, facts["what"], language),
            "status": worded(words.WITHDRAWN, facts["status"], language),
        }
    if facts.get("how") == "act":
        facts |= {"what": worded(words.ACTS, facts["what"], language), "why": worded(words.NOT_TAKEN, facts["why"], language)}
    if "workflow" in facts:
        facts["state"] = worded(STATES.get(facts["workflow"], {}), facts["state"], language)
        facts["event"] = worded(EVENTS, facts["event"], language)
        facts["finding"] = in_words(FINDINGS, facts["code"], facts, language)
    return facts


def _of_entry(work: Work, entry: JournalEntry | None, tales: Mapping[tuple[UUID, str], Any]) -> WordsShown:
    """Tell an entry: by the sentence of its passage once that is over, else by its own."""
    if entry is None:
        return in_both(words.ENTRIES, "")
    tale = tales.get((entry.edge_id, entry.passage or ""))
    if tale is not None and tale.story and entry.kind in TALE_KINDS:
        return WordsShown(**tale.story)
    opened = opened_by(work, entry)
    said = explained(entry.kind, opened.fields)
    return WordsShown(**said) if all(said.values()) and opened.fields.get("what") != "confirmed_late" else _own(opened)


def _own(opened: Opened) -> WordsShown:
    fields, code = dict(opened.fields), opened.kind if opened.kind in words.ENTRIES else ""
    if opened.kind == "facts" and str(fields.get("source", "")).startswith("peer:"):
        code = "peer"
    if opened.kind == "observation":
        code = "confirmed_late" if fields.get("what") == "confirmed_late" else ""

    def say(language: str) -> str:
        coded = {"quality": words.QUALITIES, "act": words.COMMANDS}
        told = {name: worded(coded[name], str(value), language) if name in coded else value for name, value in fields.items()}
        return in_words(words.ENTRIES, code, told, language)

    return _in_both(say)


def _story(each: ConflictEntry, said: WordsShown) -> StoryShown:
    return StoryShown(
        told_by="gate",
        entry=each.entry_id,
        gate=each.gate_id,
        lane=each.lane_id,
        edge=each.edge_id,
        epoch=each.epoch,
        seq=each.seq,
        at=utc_of(each.at_us),
        clock=each.quality,
        clock_words=in_both(words.QUALITIES, each.quality),
        sentence=said,
    )


def _of_registry(said: WordsShown) -> StoryShown:
    trusted = in_both(words.QUALITIES, "trusted")
    nowhere: dict[str, None] = dict.fromkeys(("entry", "gate", "lane", "edge", "epoch", "seq", "at"))
    return StoryShown(told_by="registry", **nowhere, clock="trusted", clock_words=trusted, sentence=said)


def gates_of(entries: Sequence[ConflictEntry]) -> list[UUID]:
    """Return the gates of these entries, each once."""
    return list(dict.fromkeys(each.gate_id for each in entries))
