"""How visits stand now: as the registry told them, as guards here went on with them, as gates and lanes have counted. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from access.contract.booth_records import CardAtBooth, CategoryAtBooth, SettingsAtBooth, VisitAtBooth
from access.presence import Value
from access.workflows.refusals import Refusal
from access.workflows.visit import (
    CATEGORIES,
    PARTY_MAX,
    USES_MAX,
    WORKFLOW,
    CardGivenBack,
    CardLent,
    Category,
    HostAgreed,
    LentCardLost,
    Visit,
    VisitAsked,
    VisitorsArrived,
    VisitorsLeft,
    VisitTerms,
    may_come_again,
)
from access.workflows.words import WORDS
from edge.desk.book import Act, Pages
from edge.desk.folding import event_of

ACTS_OF = timedelta(days=3)  # of a visit that nobody tells of, and where nobody is inside any more
NO_CATEGORY = Category("")  # of whom no more is known than a code: what it asks for is the registry's to say
_ASKED, _LEFT = VisitAsked.__name__, VisitorsLeft.__name__
_COMING = (HostAgreed.__name__, VisitorsArrived.__name__)
_COUNTED = ("approved", "in", "out", "overstayed")
_LENT, _BACK, _LOST = CardLent.__name__, CardGivenBack.__name__, LentCardLost.__name__
_WITH_CARDS = (_LENT, _BACK, _LOST)
_LENDABLE = ("stock", "issued", "active")  # what the office has set aside stays there, whoever brings it back


@dataclass(frozen=True, slots=True)
class CardOut:
    """A visitor card that is lent: its id, what stands on it, and since when ("": not known, None)."""

    id: str
    printed: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A visit as it stands now.

    `before` is how many were ever let in and how many are inside as the presence counts them, `newest` the newest entry about it:
    what an act on it says it has seen. `since` is when somebody of it came in last, None where nobody knows. `photo` is the
    capture of the last photo of them that a guard here took ("": none), `photo_at` when that was.
    """

    identity: str
    visit: Visit
    number: str = ""
    name: str = ""
    initials: str = ""
    phone_tail: str = ""
    company: str = ""
    purpose: str = ""
    plates: tuple[str, ...] = ()
    cards: tuple[CardOut, ...] = ()
    since: datetime | None = None
    asked_at: datetime | None = None
    before: tuple[int, int] = (0, 0)
    newest: str = ""
    answered_by: str = ""
    denied: bool = False
    told: bool = False
    photo: str = ""
    photo_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything of who visits is known here: of some the gates have only counted the code."""
        return self.told or bool(self.visit.terms.host or self.visit.terms.host_name)

    @property
    def is_inside(self) -> bool:
        """Whether somebody of it is inside."""
        return self.visit.inside > 0

    @property
    def is_overdue(self) -> bool:
        """Whether somebody is inside though its time is over."""
        return self.is_inside and self.visit.state == "overstayed"

    @property
    def may_enter(self) -> int:
        """How many may still come in now."""
        terms = self.visit.terms
        if self.visit.cancelled or self.visit.state not in ("approved", "in", "out"):
            return 0
        return max(0, min(terms.party - self.visit.inside, terms.party * terms.uses - self.visit.arrived))


@dataclass(frozen=True, slots=True)
class Lists:
    """What a guard looks for first: who is overdue, who waits for an answer, who is inside, who is expected today."""

    overdue: tuple[Standing, ...] = ()
    asked: tuple[Standing, ...] = ()
    inside: tuple[Standing, ...] = ()
    expected: tuple[Standing, ...] = ()
    cards: tuple[Standing, ...] = ()


def categories_of(settings: SettingsAtBooth | None) -> tuple[CategoryAtBooth, ...]:
    """Return the kinds of visitors as the site has set them, or as the duty handbooks have them."""
    return settings.categories if settings and settings.categories else _USUAL


_USUAL = tuple(
    CategoryAtBooth(
        code=one.code,
        zh=WORDS[one.code][0],
        en=WORDS[one.code][1],
        obligations=one.obligations,
        admitted=one.admitted,
        standing_rule=one.standing_rule,
    )
    for one in CATEGORIES
)


def category_of(settings: SettingsAtBooth | None, code: str) -> Category:
    """Return what must be done before a kind of visitor comes in."""
    found = next((one for one in (*categories_of(settings), *_USUAL) if one.code == code), None)
    return Category(found.code, found.obligations, found.admitted, found.standing_rule) if found else Category(code)


@dataclass(frozen=True, slots=True)
class Lent:
    """What stands on each visitor card, and which of them gates have lent with each visit, since when: of all visits at once."""

    printed: Mapping[str, str]
    by_visit: Mapping[str, Mapping[str, datetime]]


def lent_in(pages: Pages) -> Lent:
    """Return which visitor cards gates have lent."""
    found: dict[str, dict[str, datetime]] = {}
    for name, value in pages.facts.items():
        match value:
            case [str(visit), int(since), *_] if name.startswith("lent:"):
                found.setdefault(visit, {})[name.removeprefix("lent:")] = datetime.fromtimestamp(since, UTC)
    return Lent({str(card.id): card.printed for card in pages.all(CardAtBooth).values()}, found)


def every(pages: Pages, now: datetime) -> dict[str, Standing]:
    """Return all visits that concern the post now, by id."""
    facts, lent = pages.facts, lent_in(pages)
    names = {str(identity) for identity in pages.all(VisitAtBooth)}
    names |= {act.identity for act in _recent(pages.acts, now)}
    names |= {name.removeprefix("party:") for name, value in facts.items() if name.startswith("party:") and _number(value) > 0}
    found = {name: one(pages, name, now, lent) for name in sorted(names.union(lent.by_visit))}
    return {name: standing for name, standing in found.items() if standing is not None}


def one(pages: Pages, identity: str, now: datetime, cards: Lent | None = None) -> Standing | None:
    """Return a visit by its id, None where nothing is known of it; `cards` are those of `lent_in`, where these are known."""
    told, cards = _told(pages, identity), cards or lent_in(pages)
    acts = [act for act in pages.of(identity) if act.kind == "visit"]
    uses, party = (max(0, _number(pages.facts.get(f"{name}:{identity}"))) for name in ("uses", "party"))
    lent = cards.by_visit.get(identity, {})
    if told is None and not party and not lent and not any(act.name == _ASKED for act in acts):
        return None
    later = [act for act in acts if told is None or act.at.timestamp() > told.changed_at]
    visit = _folded(_base(pages.settings, told, later, uses, party), later)
    visit = WORKFLOW.ripened(_counted(visit, uses, party), now)
    return Standing(
        identity=identity,
        visit=replace(visit, lent=tuple(dict.fromkeys((*visit.lent, *lent)))),
        **_described(told, acts),
        cards=_cards(cards.printed, told, (*visit.lent, *lent), lent),
        since=_since(acts, pages.came_in.get(identity)) if visit.inside else None,
        asked_at=_moment(acts, _ASKED),
        before=(uses, party),
        newest=pages.newest(identity),
        told=told is not None,
        **_photographed(acts),
    )


def free_cards(pages: Pages) -> list[CardAtBooth]:
    """Return the visitor cards that may be lent now, by what stands on them.

    What guards here did with a card goes before what the registry told of it, until that has followed: one that was given back is
    in stock again, and one that was lost is not. Of one that a gate has lent, or the office since, the visit says so.
    """
    done, told = _done_with_cards(pages), _lent_as_told(pages)
    cards = (card for card in pages.all(CardAtBooth).values() if f"lent:{card.id}" not in pages.facts)
    free = (card for card in cards if _may_be_lent(card, done.get(str(card.id)), told.get(card.id, 0)))
    return sorted(free, key=lambda card: card.printed)


def _done_with_cards(pages: Pages) -> dict[str, Act]:
    """Return the last thing that guards here did with each card, as far as the visit's record is not newer."""
    found = {str(act.values.get("card")): act for act in pages.of_kind("visit") if act.name in _WITH_CARDS}
    return {card: act for card, act in found.items() if (told := _told(pages, act.identity)) is None or _is_later(act, told)}


def _lent_as_told(pages: Pages) -> dict[UUID, int]:
    """Return when the registry last changed a visit that has a card, by card."""
    found: dict[UUID, int] = {}
    for visit in pages.all(VisitAtBooth).values():
        for one in visit.lent:
            found[one.card] = max(visit.changed_at, found.get(one.card, 0))
    return found


def _may_be_lent(card: CardAtBooth, last: Act | None, told_lent: int) -> bool:
    if last is None or last.name == _LENT:
        return card.state == "stock"
    return last.name == _BACK and card.state in _LENDABLE and last.at.timestamp() > told_lent


def _is_later(act: Act, told: VisitAtBooth) -> bool:
    return act.at.timestamp() > told.changed_at


def lists(found: Iterable[Standing], now: datetime, day_ends: datetime) -> Lists:
    """Return who concerns the guard now, each list in the order in which it is looked through."""
    standing = list(found)
    inside = [visit for visit in standing if visit.is_inside]
    expected = [visit for visit in standing if _is_expected(visit, now, day_ends)]
    return Lists(
        overdue=_sorted((visit for visit in inside if visit.is_overdue), "valid_until"),
        asked=tuple(sorted((visit for visit in standing if visit.visit.state == "asked"), key=_asked_at)),
        inside=_sorted((visit for visit in inside if not visit.is_overdue), "valid_until"),
        expected=_sorted(expected, "valid_from"),
        cards=tuple(visit for visit in standing if visit.visit.lent and not visit.is_inside),
    )


def _is_expected(visit: Standing, now: datetime, day_ends: datetime) -> bool:
    state, terms = visit.visit.state, visit.visit.terms
    comes = state in ("announced", "approved") or (state == "out" and may_come_again(visit.visit))
    return comes and terms.valid_from < day_ends and terms.valid_until > now


def _sorted(found: Iterable[Standing], by: str) -> tuple[Standing, ...]:
    return tuple(sorted(found, key=lambda visit: (getattr(visit.visit.terms, by), visit.identity)))


def _asked_at(visit: Standing) -> tuple[datetime, str]:
    return visit.asked_at or visit.visit.terms.valid_from, visit.identity


def _recent(acts: Sequence[Act], now: datetime) -> Iterable[Act]:
    for act in reversed(acts):
        if act.at < now - ACTS_OF:
            return
        if act.kind == "visit":
            yield act


def _told(pages: Pages, identity: str) -> VisitAtBooth | None:
    try:
        told = pages.find(VisitAtBooth, UUID(identity))
    except ValueError:
        return None
    return told if told is not None and told.state in WORKFLOW.moves else None


def _base(settings: SettingsAtBooth | None, told: VisitAtBooth | None, later: Sequence[Act], uses: int, party: int) -> Visit:
    """Return the visit as it was before these later acts: what they counted is in the presence already."""
    if told is None:
        if any(act.name == _ASKED for act in later):
            return Visit()
        return Visit("in", VisitTerms(NO_CATEGORY, party=max(1, party), valid_until=_FAR), arrived=party, inside=party)
    came, left = _people(later, *_COMING), _people(later, _LEFT)
    arrived, inside = max(0, uses - came), max(0, party - came + left)
    if not uses and told.state in ("in", "overstayed"):  # let in by the office, and no gate has counted them
        arrived = inside = told.party
    lent = tuple(str(card.card) for card in told.lent)
    return Visit(told.state, _terms(settings, told), arrived, inside, lent=lent)


_FAR = datetime(9999, 1, 1, tzinfo=UTC)


def _terms(settings: SettingsAtBooth | None, told: VisitAtBooth) -> VisitTerms:
    since, until = (datetime.fromtimestamp(moment, UTC) for moment in (told.valid_from, told.valid_until))
    return VisitTerms(
        category=category_of(settings, told.category),
        host=told.host_id or told.unit or told.host,
        host_name=told.host,
        unit=told.unit,
        party=min(told.party, PARTY_MAX),
        uses=min(told.uses, USES_MAX),
        gates=told.gates,
        plates=told.plates,
        valid_from=since,
        valid_until=max(since, until),
        answer_by=None if told.answer_by is None else datetime.fromtimestamp(told.answer_by, UTC),
    )


def _folded(visit: Visit, acts: Iterable[Act]) -> Visit:
    """Return the visit after what guards here did; what the machine refuses is the registry's to judge."""
    for act in acts:
        event = event_of(WORKFLOW, act)
        moved = None if event is None else WORKFLOW.advance(WORKFLOW.ripened(visit, act.at), event)
        if moved is not None and not isinstance(moved, Refusal):
            visit = moved
    return visit


def _counted(visit: Visit, uses: int, party: int) -> Visit:
    """Return the visit with those whom all gates have counted, where they have."""
    if not uses and not party:
        return visit
    visit = replace(visit, arrived=max(uses, party), inside=party)
    if party:
        return replace(visit, state="overstayed" if visit.state == "overstayed" else "in")
    return replace(visit, state="out") if visit.state in _COUNTED else visit


def _cards(
    printed: Mapping[str, str], told: VisitAtBooth | None, lent: Iterable[str], since: Mapping[str, datetime]
) -> tuple[CardOut, ...]:
    of_visit = {str(card.card): card.printed for card in (told.lent if told else ())}
    named = ((card, of_visit.get(card) or printed.get(card, card[-4:])) for card in dict.fromkeys(lent))
    return tuple(CardOut(card, text, since.get(card)) for card, text in named)


def _described(told: VisitAtBooth | None, acts: Sequence[Act]) -> dict[str, Any]:
    """Return who visits: as the registry tells it, else as the guard wrote it down."""
    spoke = [str(act.details["answered_by"]) for act in acts if act.details.get("answered_by")]
    answered = {"answered_by": spoke[-1] if spoke else ""}
    if told is not None:
        names = ("number", "name", "initials", "phone_tail", "company", "purpose", "plates", "denied")
        return {name: getattr(told, name) for name in names} | answered
    details = next((act.details for act in acts if act.name == _ASKED), {})
    texts = {name: str(details.get(name, "")) for name in ("phone_tail", "company", "purpose")}
    plates = tuple(str(plate) for plate in details.get("plates", ()))
    return {**texts, **answered, "name": masked(str(details.get("name", ""))), "plates": plates}


def masked(name: str) -> str:
    """Return a name as pages show it: its first character."""
    return name if len(name) < 2 or name.endswith("*") else f"{name[0]}*"


def _since(acts: Sequence[Act], by_lane: float | None) -> datetime | None:
    """Return when somebody came in last: by a guard here, or by a lane (UTC seconds), as any gate has seen it."""
    moments = (_moment(acts, *_COMING), datetime.fromtimestamp(by_lane, UTC) if by_lane else None)
    return max((moment for moment in moments if moment), default=None)


def _photographed(acts: Sequence[Act]) -> dict[str, Any]:
    last = next((act for act in reversed(acts) if act.capture), None)
    return {"photo": last.capture, "photo_at": last.at} if last else {}


def _moment(acts: Sequence[Act], *names: str) -> datetime | None:
    return next((act.at for act in reversed(acts) if act.name in names), None)


def _people(acts: Iterable[Act], *names: str) -> int:
    return sum(_number(act.values.get("people", 1)) for act in acts if act.name in names)


def _number(value: Value | Any) -> int:
    return value if isinstance(value, int) else 0
