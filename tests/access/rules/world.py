"""Worlds in a few words: what the office has on record, what is known beside it, who shows what, and what must come of it.

Names stand for ids (`named`), clock times are those of the site, and what a row does not say is as in any ordinary estate: lanes
`in` and `out`, a level `everywhere`, rules that were confirmed just now.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from access.card import CardNumber, card_hash, code_hash
from access.case import Earlier, Presented
from access.contract import records
from access.decision import Decision, decide
from access.obligations import obligation_in_words
from access.passes import Pass, signed, turning_key, turning_text
from access.peers import Hearsay, Spoken
from access.presence import Change, Presence
from access.reasons import sentence
from access.snapshot import Snapshot
from access.words import LANGUAGES
from simulators.standalone import Rule
from tests.access.pass_texts import KID, PUBLIC, SECRET
from tests.access.rules_world import snapshot

KEY = bytes(range(32))
NOON = "2026-03-02 12:00"  # a Monday
PLATE = "粤B8D2Z5"
_IDS = UUID(int=0x6A7E)


def named(name: str) -> UUID:
    """Return the id that a name stands for; a vehicle goes by its plate, a card by its number."""
    return uuid5(_IDS, name)


def moment(text: str, zone: str = "Asia/Shanghai") -> datetime:
    """Return a moment of the clock in `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def seconds(told: str | int | None) -> int | None:
    """Return a clock time as epoch seconds; what is in seconds already stays."""
    return int(moment(told).timestamp()) if isinstance(told, str) else told


# --- on record ------------------------------------------------------------------------------------


def _rule(record: records.AnyRecord) -> Rule:
    return record.kind, record.id, record.model_dump(mode="json")


def _fields(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Put names and clock times, where a record has ids and seconds."""
    told: dict[str, Any] = dict(changes)
    for name in told.keys() & {"valid_from", "valid_until"}:
        told[name] = seconds(told[name])
    for name in told.keys() & {"inner_zone", "outer_zone", "person", "permit", "quota", "schedule", "gate", "home"}:
        told[name] = told[name] and named(told[name])
    for name in told.keys() & {"lanes", "levels"}:
        told[name] = tuple(map(named, told[name]))
    return told


def site(**changes: Any) -> Rule:
    return _rule(
        records.SiteRecord(**{"id": named("site"), "slug": "lakeside", "name": "湖畔", "card_key": KEY.hex(), **changes})
    )


def lane(slug: str = "in", **changes: Any) -> Rule:
    told = {"id": named(slug), "slug": slug, "name": slug, "lane_kind": "vehicle", "direction": slug, **_fields(changes)}
    return _rule(records.LaneRecord(**told))


def peer(gate: str) -> Rule:
    """Record the box at a gate, by the gate's name."""
    told = {"id": named(f"box {gate}"), "gate": named(gate), "slug": gate, "name": gate, "public_key": "ab" * 32}
    return _rule(records.PeerRecord(**told))


def level(name: str, **grant: Any) -> Rule:
    return _rule(records.LevelRecord(id=named(name), name=name, grants=(records.LevelGrant(**_fields(grant)),)))


def schedule(name: str, *spans: tuple[str, str, str]) -> Rule:
    """Record a schedule of (days as digits, start, end)."""
    rows = tuple(records.Span(days=tuple(map(int, days)), start=start, end=end) for days, start, end in spans)
    return _rule(records.ScheduleRecord(id=named(name), name=name, spans=rows))


def special_day(day: str, counts_as: int) -> Rule:
    return _rule(records.SpecialDayRecord(id=named(day), date=day, counts_as=counts_as))


def zone(name: str, **changes: Any) -> Rule:
    return _rule(records.ZoneRecord(**{"id": named(name), "name": name, **changes}))


def quota(name: str, spaces: int | tuple[tuple[str | None, str | None], ...] = 1, **changes: Any) -> Rule:
    """Record a household's parking spaces: so many, or with the times they are rented for."""
    rented = ((None, None),) * spaces if isinstance(spaces, int) else spaces
    rows = tuple(records.Space(valid_from=seconds(since), valid_until=seconds(until)) for since, until in rented)
    return _rule(records.QuotaRecord(**{"id": named(name), "name": name, "spaces": rows, **changes}))


def person(name: str = "李", **changes: Any) -> Rule:
    told = {"id": named(name), "name": name, "unit": "3-1201", "levels": (named("everywhere"),), **_fields(changes)}
    return _rule(records.PersonRecord(**told))


def vehicle(plate: str = PLATE, holder: str | None = "李", **changes: Any) -> Rule:
    told = {"id": named(plate), "plate": plate, "colour": "blue", "person": holder and named(holder), **_fields(changes)}
    return _rule(records.VehicleRecord(**told))


def card(number: int = 1, holder: str | None = "李", **changes: Any) -> Rule:
    told = {"id": named(f"card {number}"), "hashes": (card_hash(KEY, _number(number)).hex(),), "person": holder and named(holder)}
    return _rule(records.CardRecord(**{**told, **_fields(changes)}))


def code(text: str, holder: str = "李", **changes: Any) -> Rule:
    told = {"id": named(text), "hashes": (code_hash(KEY, text).hex(),), "medium": "code", "person": named(holder)}
    return _rule(records.CardRecord(**{**told, **_fields(changes)}))


def pass_key(**changes: Any) -> Rule:
    told = {"id": named("key"), "kid": KID.hex(), "public_key": PUBLIC.hex(), "status": "active", **changes}
    return _rule(records.PassKeyRecord(**told))


def block(
    plate: str = "", *, card_number: int | None = None, text: str = "", reason: str = "盗抢", until: str | None = None
) -> Rule:
    card_of = code_hash(KEY, text).hex() if text else ""
    card_of = card_of if card_number is None else card_hash(KEY, _number(card_number)).hex()
    identity = named(f"block {plate}{card_of}{until}")
    return _rule(records.BlockRecord(id=identity, plate=plate, card_hash=card_of, reason=reason, valid_until=seconds(until)))


def visit(holder: str = "李", name: str = "visit", **changes: Any) -> Rule:
    window = {"valid_from": "2026-03-02 09:00", "valid_until": "2026-03-02 18:00"}
    told = {"id": named(name), "person": named(holder), "host": "3-1201", **_fields(window | changes)}
    return _rule(records.VisitRecord(**told))


def permit(number: str = "P-7", **changes: Any) -> Rule:
    window = {"valid_from": "2026-02-01 00:00", "valid_until": "2026-04-01 00:00"}
    told = {"id": named(number), "number": number, "units": ("3-1201",), **_fields(window | changes)}
    return _rule(records.PermitRecord(**told))


def contractor_pass(holder: str = "李", number: str = "0042", **changes: Any) -> Rule:
    window = {"valid_from": "2026-03-01 00:00", "valid_until": "2026-03-15 00:00", "permit": "P-7"}
    told = {"id": named(number), "number": number, "person": named(holder), "units": ("3-1201",), **_fields(window | changes)}
    return _rule(records.PassRecord(**told))


def slip(number: str = "F-9", plate: str = PLATE, **changes: Any) -> Rule:
    window = {"valid_from": "2026-03-02 00:00", "valid_until": "2026-03-03 00:00"}
    return _rule(records.SlipRecord(**{"id": named(number), "number": number, "plate": plate, **_fields(window | changes)}))


# --- known beside the rules -----------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A change of the presence, and the plate of the vehicle that it moves."""

    change: Change
    plate: str = ""


def inside(who: str = PLATE, where: str = "", since: str = "2026-03-02 08:00") -> Fact:
    """Know a vehicle (by its plate) or a person inside since then, in a zone or just on the site."""
    subject = named(who)
    return Fact(("set", f"at:{subject}", [str(named(where)) if where else "site", seconds(since)]), who)


def guest_inside(plate: str, since: str = "2026-03-02 08:00") -> Fact:
    """Know an unregistered vehicle inside."""
    subject = UUID(bytes=code_hash(KEY, f"plate {plate}"))
    return Fact(("set", f"at:{subject}", ["site", seconds(since)]), plate)


def outside(who: str = PLATE, since: str = "2026-03-02 08:00") -> Fact:
    return Fact(("set", f"at:{named(who)}", ["", seconds(since)]))


def counted(what: str, name: str, number: int) -> Fact:
    """Know a count: of `quota`, `zone`, `permit`, `party`, `uses`."""
    return Fact(("add", f"{what}:{named(name)}", number))


def marked(what: str, who: str, since: str = "2026-03-02 08:00") -> Fact:
    """Know a mark: `loading` or `cleared` of a vehicle, `first` of a lane, `left` of a zone."""
    return Fact(("set", f"{what}:{named(who)}", seconds(since)))


def held(number: str = "0042", since: str = "2026-03-02 08:00", lane: str = "in") -> Fact:
    """Know the duplicate of a contractor pass at the post of a lane."""
    return Fact(("set", f"held:{named(number)}", [str(named(lane)), seconds(since)]))


def moved(number: str = "0042", since: str = "2026-03-02 08:00") -> Fact:
    """Know the duplicate of a contractor pass in transfer: it hangs at one post, and its holder left by another."""
    return Fact(("set", f"transfer:{named(number)}", [str(named("west")), seconds(since), str(named("in"))]))


def home_said(said: str, name: str = "visit", why: str = "") -> Fact:
    """Know what the home gate of a visit or pass has said to this presentation: yes, no or silent."""
    return Fact(("set", f"claim:{named(name)}", [said, str(named("west")), why, round(moment(NOON).timestamp() * 1e6)]))


def says_gate(gate: str, fact: Fact, minutes: int = 0) -> Spoken:
    """Have heard from the box at a gate of what changes a fact, so many minutes before noon."""
    return Spoken(fact.change, named(f"box {gate}"), round(moment(NOON).timestamp() - minutes * 60) * 1_000_000, 0)


EVACUATION = Fact(("set", "evacuation", seconds("2026-03-02 11:59")))


# --- a world, what is shown in it, and what must come of it ---------------------------------------


@dataclass(frozen=True)
class World:
    """What is on record and what is known; `list_age` is the time since the rules were confirmed."""

    records: tuple[Rule, ...]
    facts: tuple[Fact, ...] = ()
    list_age: timedelta = timedelta(0)
    said: tuple[Spoken, ...] = ()

    @property
    def rules(self) -> Snapshot:
        ordinary = (site(), lane("in"), lane("out"), level("everywhere"))
        said = {identity for _, identity, _ in self.records}
        return snapshot(7, [*(rule for rule in ordinary if rule[1] not in said), *self.records])

    def presence(self, at: datetime) -> Presence:
        presence = Presence().after([("set", "rules", int((at - self.list_age).timestamp()))])
        for fact in self.facts:
            presence = presence.after([fact.change], fact.plate)
        return presence


def world(*told: Rule | Fact | Spoken, list_age: timedelta = timedelta(0)) -> World:
    facts = tuple(one for one in told if isinstance(one, Fact))
    said = tuple(one for one in told if isinstance(one, Spoken))
    return World(tuple(one for one in told if not isinstance(one, Fact | Spoken)), facts, list_age, said)


@dataclass(frozen=True)
class Showing:
    """A credential shown at a lane (the one of its direction, unless another is named) at a moment of the site's clock."""

    presented: Presented
    at: str = NOON
    lane: str = ""
    zone: str = "Asia/Shanghai"

    @property
    def moment(self) -> datetime:
        return moment(self.at, self.zone)

    def after(self, *earlier: "Showing") -> "Showing":
        """Return this with what was shown shortly before."""
        before = tuple(Earlier(other.presented, other.moment) for other in earlier)
        return replace(self, presented=replace(self.presented, earlier=before))


def shows_plate(
    text: str = PLATE, direction: str = "in", at: str = NOON, *, lane: str = "", zone: str = "Asia/Shanghai", **seen: Any
) -> Showing:
    return Showing(Presented("plate", text, text, direction, **{"confidence": 0.99, **seen}), at, lane, zone)


def shows_card(
    number: int = 1, direction: str = "in", at: str = NOON, *, lane: str = "", zone: str = "Asia/Shanghai", **seen: Any
) -> Showing:
    raw = _number(number).raw.hex().upper()
    return Showing(Presented("card", raw, raw, direction, 40, **seen), at, lane, zone)


def shows_code(text: str, direction: str = "in", at: str = NOON) -> Showing:
    return Showing(Presented("code", text, text, direction), at)


def says(name: str = "visit", kind: str = "visit", **terms: Any) -> Pass:
    """Return what a code says: of the visit (pass, slip) of this name, on Monday from nine to six."""
    window = {"issued": "2026-03-02 08:00", "valid_from": "2026-03-02 09:00", "valid_until": "2026-03-02 18:00", **terms}
    times = {part: seconds(window.pop(part)) for part in ("issued", "valid_from", "valid_until")}
    return Pass(**{"kind": kind, "id": named(name), **times, **window})


def shows_signed(
    told: Pass | None = None,
    direction: str = "in",
    at: str = NOON,
    *,
    lane: str = "",
    secret: bytes = SECRET,
    turned: int | None = None,
) -> Showing:
    """Show the signed code that says this; `turned`: as a phone makes it so many seconds later than `at`."""
    told = told or says()
    text = signed(told, secret)
    if turned is not None:
        text = turning_text(text, told, turning_key(KEY), int(moment(at).timestamp()) + turned)
    return Showing(Presented("code", text, text, direction), at, lane)


def card_of(told: Pass, holder: str = "李", **changes: Any) -> Rule:
    """Record a code as the registry tells of it: by its name."""
    return code(told.name, holder, **changes)


def _number(at: int) -> CardNumber:
    return CardNumber(at.to_bytes(5, "big"), 40)


@dataclass(frozen=True)
class Expected:
    """What must come of it: outcome, reason, obligations in their order, and values that matter."""

    outcome: str
    reason: str
    obligations: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def grants(reason: str = "access_ok", *obligations: str, **values: Any) -> Expected:
    return Expected("grant", reason, obligations, values)


def denies(reason: str, *obligations: str, **values: Any) -> Expected:
    return Expected("deny", reason, obligations, values)


def refers(reason: str, *obligations: str, **values: Any) -> Expected:
    return Expected("refer", reason, obligations, values)


Row = tuple[World, Showing, Expected]
Table = Mapping[str, Row]


def decided(given: World, shown: Showing) -> Decision:
    """Decide what is shown in a world."""
    rules, presence = given.rules, given.presence(shown.moment)
    said = Hearsay(given.said).as_said(presence, rules.peers, shown.moment)
    return decide(shown.presented, rules.lanes[shown.lane or shown.presented.direction], rules, presence, shown.moment, said)


def holds(row: Row, rule: str = "") -> None:
    """Assert what a row says; a question or refusal must be that of `rule`, and whatever is said must be whole sentences."""
    given, shown, expected = row
    decision = decided(given, shown)
    assert (decision.outcome, decision.reason) == (expected.outcome, expected.reason)
    assert tuple(one.code for one in decision.obligations) == expected.obligations
    assert {name: decision.values.get(name) for name in expected.values} == expected.values
    *before, last = decision.explanation.steps
    assert [step.concluded for step in before] == [""] * len(before)
    if last.concluded:
        assert last.concluded == decision.reason
        assert last.rule == rule
    else:
        assert decision.outcome == "grant"
    assert_whole(decision)


def assert_whole(decision: Decision) -> None:
    """Assert that reason and obligations make whole sentences in every language."""
    shown = str(decision.values.get("shown"))
    for language in LANGUAGES:
        for said in (sentence(decision.reason, decision.values, language), *_obliged(decision, language)):
            assert said, decision.reason
            if not re.search(r"[{}—]", shown):
                assert not re.search(r"[{}—]", said), said
            assert language == "en" or re.search(r"[一-鿿]", said.replace(shown, "")), said


def _obliged(decision: Decision, language: str) -> Iterable[str]:
    return (obligation_in_words(one, language) for one in decision.obligations)
