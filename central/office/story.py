"""The story of a passage as steps a clerk can read: seen, compared, rules, decided, written, arm, passed. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from access.lane_log import in_time
from access.obligations import Obligation, obligation_in_words
from access.plate import shown
from access.results import result_in_words
from central.log.schemas import StoryEntry
from central.office import words

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what (a key of `words.STEPS`), in words, with details; `after_ms` since the entry before, where one began."""

    what: str
    text: str
    entry: UUID
    at: datetime
    after_ms: float | None = None
    details: tuple[tuple[str, str], ...] = ()
    outcome: str = ""


def steps(story: list[StoryEntry], language: str, translate: Translate) -> list[Step]:
    """Return the steps of a passage's entries in order."""
    return [step for entry in story for step in _TELLERS.get(entry.kind, _other)(entry, language, translate)]


def _step(entry: StoryEntry, what: str, text: str, **more: Any) -> Step:
    return Step(what, text, entry.id, entry.at, entry.after_ms, **more)


def _reading(entry: StoryEntry, _language: str, translate: Translate) -> Iterator[Step]:
    fields = entry.fields
    text = _credential(str(fields.get("medium", "")), str(fields.get("text", "")))
    medium = _word(words.MEDIA, fields.get("medium"), translate)
    details = [(translate("device"), str(fields.get("device", "")))]
    if fields.get("medium") == "plate":
        details.append((translate("confidence"), _percent(fields.get("confidence"))))
    yield _step(entry, "seen", f"{medium} {text}", details=tuple(details))


def _decision(entry: StoryEntry, language: str, translate: Translate) -> Iterator[Step]:
    fields = entry.fields
    candidates = [each for each in fields.get("candidates") or () if isinstance(each, list) and len(each) >= 2]
    if candidates:
        near = tuple((shown(str(each[0])), _word(words.LIKENESSES, each[1], translate)) for each in candidates)
        yield _part(entry, "compared", translate("registered plates that look alike"), near)
    rules = [each for each in fields.get("steps") or () if isinstance(each, list) and len(each) == 3]
    if rules:
        asked = tuple((_word(words.RULES, rule, translate), _seen(saw, concluded, translate)) for rule, saw, concluded in rules)
        yield _part(entry, "rules", translate("revision {revision}").format(revision=fields.get("revision", "—")), asked)
    outcome, due = str(fields.get("outcome", "")), _obligations(fields.get("obligations"), language)
    details = tuple((translate("to be done"), one) for one in due)
    yield _step(entry, "decided", entry.sentence[language], outcome=outcome, details=details)
    yield _part(entry, "written", _written(entry, translate), ())


def _obligations(recorded: object, language: str) -> Iterator[str]:
    for one in recorded if isinstance(recorded, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[1], Mapping):
            yield obligation_in_words(Obligation(str(one[0]), one[1]), language)


def _part(entry: StoryEntry, what: str, text: str, details: tuple[tuple[str, str], ...]) -> Step:
    return Step(what, text, entry.id, entry.at, None, details)


def _written(entry: StoryEntry, translate: Translate) -> str:
    if entry.fields.get("uncommitted"):
        return translate("entry {seq}, only afterwards: the journal could not be written then").format(seq=entry.seq)
    if entry.fields.get("outcome") == "grant":
        return translate("entry {seq}, before the arm moved").format(seq=entry.seq)
    return translate("entry {seq}").format(seq=entry.seq)


def _seen(saw: object, concluded: object, translate: Translate) -> str:
    """Put what a rule saw in words; ids of records say nothing to people and are left out."""
    known = saw.items() if isinstance(saw, Mapping) else ()
    form = translate("{fact}: {value}")
    facts = [
        form.format(fact=translate(words.FACTS[name]), value=_value(value, translate))
        for name, value in known
        if name in words.FACTS
    ]
    told = " · ".join(facts)
    return f"{told} → {_word(words.REASONS, concluded, translate)}" if concluded else told


def _value(value: object, translate: Translate) -> str:
    if isinstance(value, list):
        return translate(", ").join(map(str, value)) or "—"
    return _word(words.VALUES, value, translate) or "—"


def _command(entry: StoryEntry, _language: str, translate: Translate) -> Iterator[Step]:
    act = _word(words.ACTS, entry.fields.get("act"), translate)
    yield _step(entry, "arm", translate("command {act} to {device}").format(act=act, device=entry.fields.get("device", "")))


def _outcome(entry: StoryEntry, _language: str, translate: Translate) -> Iterator[Step]:
    fields = entry.fields
    if not fields.get("ok"):
        text = translate("the command failed: {error}").format(error=fields.get("error", ""))
    elif took_us := fields.get("took_us"):
        text = translate("done, {took} after the reading").format(took=f"{took_us / 1000:.1f} ms")
    else:
        text = translate("done")
    yield _step(entry, "arm", text)


def _passage(entry: StoryEntry, language: str, _translate: Translate) -> Iterator[Step]:
    yield _step(entry, "passed", result_in_words(str(entry.fields.get("result", "")), language))


def _guard(entry: StoryEntry, language: str, translate: Translate) -> Iterator[Step]:
    details = ((translate("guard"), str(entry.fields.get("guard_name") or entry.fields.get("guard", ""))),)
    yield _step(entry, "guard", entry.sentence[language], details=details)


def _remote(entry: StoryEntry, language: str, translate: Translate) -> Iterator[Step]:
    details = ((translate("office"), str(entry.fields.get("issuer_name") or entry.fields.get("issuer", ""))),)
    yield _step(entry, "office", entry.sentence[language], details=details)


def _observation(entry: StoryEntry, language: str, _translate: Translate) -> Iterator[Step]:
    yield _step(entry, "observed", entry.sentence[language])


def _alarm(entry: StoryEntry, language: str, _translate: Translate) -> Iterator[Step]:
    yield _step(entry, "alarm", entry.sentence[language])


def _lane(entry: StoryEntry, language: str, translate: Translate) -> Iterator[Step]:
    lasts_us = entry.fields.get("until_us", 0) - round(entry.at.timestamp() * 1_000_000)
    details = ((translate("ends by itself after"), in_time(lasts_us / 1000, language)),) if lasts_us > 0 else ()
    yield _step(entry, "lane", entry.sentence[language], details=details)


def _evidence(entry: StoryEntry, _language: str, translate: Translate) -> Iterator[Step]:
    details = (("SHA-256", str(entry.fields.get("sha256", ""))),)
    text = translate("picture of {camera} kept").format(camera=entry.fields.get("camera", ""))
    yield _step(entry, "picture", text, details=details)


def _other(entry: StoryEntry, _language: str, _translate: Translate) -> Iterator[Step]:
    details = tuple((name, str(value)) for name, value in entry.fields.items() if value not in ("", None))
    yield _step(entry, "other", entry.kind, details=details)


_TELLERS: Mapping[str, Callable[[StoryEntry, str, Translate], Iterator[Step]]] = {
    "reading": _reading,
    "amendment": _reading,
    "decision": _decision,
    "command": _command,
    "outcome": _outcome,
    "passage": _passage,
    "guard": _guard,
    "remote": _remote,
    "observation": _observation,
    "alarm": _alarm,
    "lane": _lane,
    "evidence": _evidence,
}


def _credential(medium: str, text: str) -> str:
    """Show a plate with its dot; of a code only the end: whoever has its text can pass."""
    if medium == "code":
        return f"…{text[-4:]}" if text else "—"
    return (shown(text) if medium == "plate" else text) or "—"


def _percent(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, int | float) else "—"


def _word(known: Mapping[str, str], code: object, translate: Translate) -> str:
    text = "" if code is None else str(code)
    return translate(known[text]) if text in known else text
