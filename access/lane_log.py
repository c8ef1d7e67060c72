"""The lane log line: a passage that is over, told in one sentence. Booth and office tell the same, each from what it has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from access.alarms import alarm_in_words
from access.matching import as_shown
from access.passage_words import CAUSES, DOOR_ENDS, ENDS, MODES, PHRASES, WAYS
from access.plate import shown
from access.reasons import why_in_words
from access.results import result_in_words
from access.sealing import Opened
from access.words import in_words, worded

WAITED_WORTH_TELLING_MS = 1000
CREDENTIALS = frozenset({"plate", "card", "code"})
BY_OFFICE = "office_opened"
DECIDED_BY_HAND = frozenset({"guard_opened", "guard_admitted", "guard_refused", BY_OFFICE})
# Results of who stood at the lane without a grant: there it says something how long.
STOOD_THERE = frozenset({"passed", "left", "denied", "unanswered", "withdrew", "interrupted", "board_lost", "unfinished"})
# An alarm that only says again how the passage ended.
SAID_BY_RESULT: Mapping[str, str] = {
    "tailgated": "tailgating",
    "unauthorised": "loop_without_grant",
    "withdrew": "loop_without_grant",
    "wrong_way": "wrong_way",
    "crashed": "gate_crash",
    "door_forced": "door_forced",
    "not_opened": "arm_not_up",
    "unanswered": "refer_unanswered",
    "interrupted": "granted_not_confirmed",
}


@dataclass(frozen=True, slots=True)
class PassageTold:
    """What is known of a passage that is over; `shown` and `plate` as they may be shown, `values` those of the reason's sentence.

    `kind` is vehicle or pedestrian, `result` a code of `access.results`, `by_mode` the lane's mode then, `alarms` the codes of
    those raised meanwhile. `took_us` is from the reading (or the guard's act) to the relay. What is not known is 0 or empty.
    """

    kind: str = "vehicle"
    direction: str = "in"
    result: str = ""
    medium: str = ""
    shown: str = ""
    plate: str = ""
    holder: str = ""
    unit: str = ""
    outcome: str = ""
    reason: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    waited_ms: int = 0
    opened_ms: int = 0
    took_us: int = 0
    by_mode: str = ""
    vehicles: int = 1
    alarms: tuple[str, ...] = ()


def in_one_sentence(told: PassageTold, language: str) -> str:
    """Tell a passage in one sentence in `language` (zh or en); what is not known is left out."""
    return _Teller(told, language).sentence()


def told_from_entries(entries: Iterable[Opened], kind: str) -> PassageTold | None:
    """Take a passage of a lane of this kind from its entries in order, up to its end; None where it is not over yet."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, []).append(entry.fields)
        if entry.kind == "passage":
            break
    else:
        return None
    ended, decisions = by_kind["passage"][0], by_kind.get("decision", [])
    decided = decisions[-1] if decisions else {}
    presented: Mapping[str, Any] = next((one for one in reversed(decisions) if one.get("medium") in CREDENTIALS), {})
    medium, text = str(presented.get("medium", "")), str(presented.get("text", ""))
    return PassageTold(
        kind=kind,
        direction=ended.get("direction", ""),
        result=ended.get("result", ""),
        medium=medium,
        shown=as_shown(medium, text) if text else "",
        plate=shown(ended.get("plate", "")),
        holder=decided.get("holder", ""),
        unit=decided.get("unit", ""),
        outcome=decided.get("outcome", ""),
        reason=decided.get("reason", ""),
        values=decided.get("values") or {},
        waited_ms=ended.get("waited_ms", 0),
        opened_ms=ended.get("opened_ms", 0),
        took_us=next((one["took_us"] for one in by_kind.get("outcome", []) if one.get("took_us")), 0),
        by_mode=ended.get("mode", ""),
        vehicles=ended.get("vehicles", 1),
        alarms=tuple(str(alarm.get("what", "")) for alarm in by_kind.get("alarm", [])),
    )


def in_time(milliseconds: float, language: str) -> str:
    """Return a length of time in the units that people use: 0.08 s, 3 s, 2 min 10 s, 1 h 5 min."""
    hour, minute, second = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    seconds = milliseconds / 1000
    whole = round(seconds)
    if seconds < 0.995:
        return f"{max(seconds, 0.01):.2f} {second}"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + f" {second}"
    if whole < 60:
        return f"{whole} {second}"
    return _two_units(whole, minute, second) if whole < 3600 else _two_units(whole // 60, hour, minute)


def _two_units(count: int, large: str, small: str) -> str:
    """Return a count of small units, 60 of which are a large one, in both."""
    return f"{count // 60} {large}" + (f" {count % 60} {small}" if count % 60 else "")


class _Teller:
    """Makes the sentence of one passage in one language."""

    def __init__(self, told: PassageTold, language: str) -> None:
        self._told = told
        self._language = language
        self._kind = "pedestrian" if told.kind == "pedestrian" else "vehicle"
        self._granted = told.outcome == "grant"

    def sentence(self) -> str:
        """Return who did what, why that was so, how long it took, and what else was wrong."""
        cause, facts = self._cause(), self._say(",").join(self._facts())
        behind = self._say(";").join(part for part in (cause, facts) if part)
        text = self._say(":").join(part for part in (self._head(), behind) if part) + self._alarms()
        end = "" if text.endswith(("?", "？", ".")) else self._say(".")
        return " ".join(f"{text[0].upper()}{text[1:]}{end}".split()).replace(" ：", "：")

    def _say(self, phrase: str, **values: object) -> str:
        return worded(PHRASES, phrase, self._language).format(**values)

    def _time(self, milliseconds: float) -> str:
        return in_time(milliseconds, self._language)

    def _head(self) -> str:
        """Say who it was and how it ended."""
        told, ends = self._told, {**ENDS, **(DOOR_ENDS if self._kind == "pedestrian" else {})}
        codes = [f"granted {told.result}"] if self._granted else []
        code = next((code for code in [*codes, told.result] if code in ends), "")
        ways = WAYS[self._kind, told.direction if told.direction in ("in", "out") else "both"]
        values = {name: worded(ways, name, self._language) for name in ways}
        values |= {"who": self._who(), "by": self._by(), "had": self._had(), "it": self._say(f"{self._kind} it")}
        values["result"] = result_in_words(told.result, self._language)
        head = worded(ends, code, self._language).format(**values)
        if self._granted or told.result not in STOOD_THERE or told.waited_ms < WAITED_WORTH_TELLING_MS:
            return head
        return head + self._say("stayed", time=self._time(told.waited_ms))

    def _who(self) -> str:
        """Name the plate with its holder in brackets, the holder alone, or just somebody; and how many more there were."""
        told = self._told
        plate = told.plate or (told.shown if told.medium == "plate" else "")
        name, *of = [part for part in (plate, told.holder, told.unit) if part] or [""]
        if not name:
            return self._say(f"{self._kind}s" if told.vehicles > 1 else self._kind, count=told.vehicles)
        who = self._say("named of", name=name, of=self._say(",").join(of)) if of else self._say("named", name=name)
        more = self._say(f"{self._kind} and more", count=told.vehicles, more=told.vehicles - 1)
        return who + more if told.vehicles > 1 else who

    def _by(self) -> str:
        """Say what it was granted on; a plate only where the rules granted it, for a guard looks at more."""
        if self._told.medium == "plate":
            return "" if self._told.reason in DECIDED_BY_HAND else self._say("by plate")
        return self._say(f"by {self._told.medium}", shown=self._told.shown) if self._is_shown() else ""

    def _had(self) -> str:
        """Say what was presented in vain; a plate names the vehicle already."""
        return self._say(f"had {self._told.medium}", shown=self._told.shown) if self._is_shown() else ""

    def _is_shown(self) -> bool:
        return self._told.medium in ("card", "code") and bool(self._told.shown)

    def _cause(self) -> str:
        """Say why: by the guard or the office, by the rules, or because of what the lane was set to."""
        told = self._told
        if told.reason in DECIDED_BY_HAND:
            return self._cause_by_hand()
        if not told.reason:
            return worded(MODES, told.by_mode, self._language) if told.by_mode != "normal" else ""
        text = in_words(CAUSES, told.reason, self._values(), self._language)
        if self._language == "zh":
            return text.lstrip(" ，的")
        return text.removeprefix("the holder, ").replace(" of the holder", "")

    def _cause_by_hand(self) -> str:
        values = self._told.values
        who = "office" if self._told.reason == BY_OFFICE else "guard"
        name = str(values.get("guard") or "")
        because = why_in_words(str(values.get("why") or ""), str(values.get("words") or ""), self._language)
        by = self._say(who, name=name) if name else self._say(f"nameless {who}")
        return self._say(self._told.reason, by=by, because=self._say("in brackets", text=because) if because else "")

    def _values(self) -> dict[str, Any]:
        """Return the values of the reason, less what the head of the sentence has said."""
        told, values = self._told, dict(self._told.values)
        it, holder = self._say("it"), self._say("the holder")
        values |= {name: it for name in ("shown", "subject") if values.get(name) in (None, told.shown, told.plate)}
        if "near" in values or (values.get("holder") or told.holder) != told.holder:  # another one than the head names
            values["who"] = self._say(",").join(str(values[name]) for name in ("holder", "unit") if values.get(name))
        else:
            values |= {"who": holder, "holder": holder}
        if "why" in values:
            values["why"] = why_in_words(str(values["why"]), str(values.get("words") or ""), self._language)
        return values

    def _facts(self) -> list[str]:
        """Say how long it took, of a passage on a grant."""
        told, kind = self._told, self._kind
        if not self._granted:
            return []
        facts = []
        if told.took_us and told.result != "not_opened":
            facts.append(self._say(f"{kind} raised", time=self._time(told.took_us / 1000)))
        if told.waited_ms >= WAITED_WORTH_TELLING_MS:
            facts.append(self._say("waited", time=self._time(told.waited_ms)))
        if told.result == "passed" and kind == "vehicle":
            way = WAYS[kind, told.direction if told.direction in ("in", "out") else "both"]
            facts.append(worded(way, "drove", self._language))
        if told.opened_ms:
            facts.append(self._say(f"{kind} stood", time=self._time(told.opened_ms)))
        return facts

    def _alarms(self) -> str:
        """Say what else was wrong meanwhile."""
        said = SAID_BY_RESULT.get(self._told.result)
        alarms = [alarm_in_words(code, self._language) for code in dict.fromkeys(self._told.alarms) if code != said]
        return self._say("alarms", alarms=self._say("and").join(alarms)) if alarms else ""
