"""Signed passes at a lane: a use is written before the arm moves, the text stands nowhere, and what the clock was is said."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from access.card import code_hash
from access.code_words import code_in_words
from access.entries import Decided, ReadingTaken
from access.passes import Line, Pass, gate_tag, signed, turning_key, turning_text
from access.presence import Presence
from access.projection import projected
from access.words import LANGUAGES
from edge.gate.actions import Append, OpenBarrier
from simulators.standalone import Rule, resident
from simulators.standalone import card as card_rule
from tests.access.pass_texts import KID, PUBLIC, SECRET
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import (
    CARD_KEY,
    LI,
    LIS_PLATE,
    START,
    Happening,
    Playbook,
    code,
    estate,
    plate,
    restart,
    sees,
    shows,
    wait,
)
from tests.edge.gate.scenes import arrive, comes_down, decided, denied, granted, opened_by_guard, passes, referred

NOW = int(START.timestamp())
VISIT = Pass("visit", UUID(int=30), NOW - 3600, NOW - 60, NOW + 3600)
TEXT = signed(VISIT, SECRET)
TURNING = replace(VISIT, turns=True)
SLIP = Pass("slip", UUID(int=31), NOW, NOW, NOW + 3600, number="F-9", lines=(Line("沙发", 1000, "件"),))
KEYED: Rule = (
    "pass_key",
    UUID(int=32),
    {"id": str(UUID(int=32)), "kid": KID.hex(), "public_key": PUBLIC.hex(), "status": "active"},
)
USES = f"uses:{VISIT.id}"
VISITOR = uuid5(VISIT.id, "visitor")
LIS_CAR = str(UUID(int=15))


def known(play: Play, *more: Rule, **lane: object) -> Playbook:
    """A vehicle stands before a lane whose gate knows the registry's key."""
    return arrive(play(rules=estate(1, KEYED, *more), **lane))


def turned(playbook: Playbook, ago: int = 0) -> str:
    at = int(playbook.at.timestamp()) - ago
    return turning_text(signed(TURNING, SECRET), TURNING, turning_key(CARD_KEY), at)


def journaled(playbook: Playbook) -> Presence:
    """What the entries so far add up to: all that a gate knows that starts again."""
    presence = Presence()
    for action in playbook.sent:
        if isinstance(action, Append):
            presence = projected(presence, action.draft.body)
    return presence


def started_again() -> Happening:
    """The program stops and starts again, and knows what its entries say."""

    def play(playbook: Playbook) -> list[str]:
        playbook.gate.presence = journaled(playbook)
        return restart().play(playbook)

    return Happening("started again", play)


def is_nowhere(text: str, playbook: Playbook) -> bool:
    """Tell whether nothing that is written, told or shown has the text in it, with its first characters or without."""
    views = [*playbook.gate.lane_views(), playbook.gate.view(1, "", "", 0.0)]
    said = repr([playbook.sent, views, playbook.gate.failures])
    return text not in said and text[4:] not in said and text[12:] not in said


def drives_in(playbook: Playbook) -> Playbook:
    return comes_down(passes(playbook >> sees(arm="up") << "-> open"))


def test_a_use_is_written_before_the_arm_moves_and_counts_at_once_and_after_a_restart(play: Play) -> None:
    playbook = granted(known(play) >> code(TEXT), "code_ok", "code")
    assert playbook
    (made,) = playbook.bodies(Decided)
    assert made.facts == (("add", USES, 1),)
    at = [isinstance(action, Append) and action.draft.body is made for action in playbook.sent].index(True)
    assert [isinstance(action, OpenBarrier) for action in playbook.sent].index(True) > at
    assert (made.credential, made.person, made.category) == (str(VISIT.id), str(VISITOR), "visitor")
    drives_in(playbook)
    assert denied(arrive(playbook) >> code(TEXT), "visit_used_up", "code")
    playbook >> sees(arrival=False) << "write passage denied" << "-> idle"
    playbook >> started_again() << "-> idle"
    assert denied(arrive(playbook) >> code(TEXT), "visit_used_up", "code")
    assert is_nowhere(TEXT, playbook)


def test_the_text_of_a_code_stands_nowhere_its_name_does(play: Play) -> None:
    playbook = granted(known(play) >> code(TEXT), "code_ok", "code")
    assert playbook >> code(TEXT)  # the same again: its answer stands
    (reading,) = playbook.bodies(ReadingTaken)
    assert (reading.raw, reading.text) == (VISIT.name, VISIT.name)
    (made,) = playbook.bodies(Decided)
    assert made.text == VISIT.name
    assert made.code == ("", "visit", str(VISIT.id), "", NOW - 3600, NOW - 60, NOW + 3600, [], 1, 1, [], False, 0, KID)
    assert is_nowhere(TEXT, playbook)


def test_one_that_is_none_is_kept_as_a_digest(play: Play) -> None:
    forged = TEXT[:-6] + "000000"
    playbook = known(play) >> code(forged)
    decided(playbook, "deny", "code_forged", "code") << "tell deny code_forged" << "write alarm code_forged" << "-> denied"
    assert playbook
    (made,) = playbook.bodies(Decided)
    assert made.code == ("forged", KID)
    assert made.text.startswith("code ")
    assert is_nowhere(forged, playbook)
    assert decided(playbook >> code(TEXT.lower()), "deny", "code_malformed", "code") << "tell deny code_malformed"
    assert is_nowhere(TEXT.lower(), playbook)


def test_without_rules_it_waits_as_other_codes_do(play: Play) -> None:
    playbook = referred(arrive(play(rules=False)) >> code(TEXT), "no_rules", "code")
    assert playbook
    assert is_nowhere(TEXT, playbook)
    playbook.rules = estate(1, KEYED)
    playbook.gate.rules = playbook.rules
    assert granted(playbook >> code(TEXT), "code_ok", "code")


def test_a_use_that_nobody_made_is_given_back(play: Play) -> None:
    playbook = granted(known(play) >> code(TEXT), "code_ok", "code") >> sees(arm="up") << "-> open"
    playbook >> sees(arrival=False) >> sees(arm="moving") >> sees(arm="down") << "write passage no_show" << "-> idle"
    assert playbook
    assert USES not in journaled(playbook).facts


def test_a_code_that_turns_is_looked_at_again_as_it_turns(play: Play) -> None:
    playbook = known(play)
    still = turned(playbook, 3600)
    denied(playbook >> code(still), "code_stale", "code")
    playbook >> code(still)  # the same picture: its answer stands
    assert playbook
    fresh = turned(playbook)
    assert granted(playbook >> code(fresh), "code_ok", "code")
    assert playbook >> wait(0.2) >> code(fresh)
    assert len(playbook.bodies(Decided)) == 2
    assert all(is_nowhere(text, playbook) for text in (still, fresh))


def test_by_a_clock_that_is_not_trusted_it_is_noted_and_one_that_turns_is_asked_about(play: Play) -> None:
    playbook = known(play)
    playbook.gate.clock = "floor"
    assert referred(playbook >> code(turned(playbook)), "code_clock", "code")
    assert granted(playbook >> code(signed(replace(VISIT, id=UUID(int=33)), SECRET)), "code_ok", "code")
    asked, made = playbook.bodies(Decided)
    assert asked.presence["clock"] == made.presence["clock"] == "floor"
    assert [due[0] for due in made.obligations] == ["known_by_code", "note_clock"]
    drives_in(playbook)
    playbook.gate.clock = "trusted"
    assert granted(arrive(playbook) >> code(signed(replace(VISIT, id=UUID(int=34)), SECRET)), "code_ok", "code")
    assert playbook.bodies(Decided)[-1].presence["clock"] is None


def test_a_clock_at_its_floor_does_not_bring_an_expired_one_back(play: Play) -> None:
    playbook = known(play)
    playbook.gate.clock = "floor"
    playbook.clock_off = timedelta(seconds=3600 + 300)
    assert denied(playbook >> code(TEXT), "code_expired", "code")


def test_what_the_registry_says_of_it_counts_once_it_is_told(play: Play) -> None:
    kind, identity, data = resident(VISITOR, "陈*", "")
    visitor: Rule = (kind, identity, {**data, "category": "visitor", "levels": []})
    told = card_rule(UUID(int=35), VISITOR, [code_hash(CARD_KEY, VISIT.name)], medium="code", status="revoked")
    assert denied(known(play, visitor, told) >> code(TEXT), "inactive", "code")


def test_goods_are_the_vehicles_that_was_read(play: Play) -> None:
    """The plate is on record, and asked about; its driver shows the slip: the guard checks it, and that vehicle leaves."""
    playbook = known(play, direction="out")
    inside = (("set", f"at:{LIS_CAR}", ["site", NOW]), ("set", f"loading:{LIS_CAR}", NOW))
    playbook.gate.presence = playbook.gate.presence.after(inside, LIS_PLATE)
    assert referred(playbook >> plate(LIS_PLATE), "goods_check", "plate")
    text = signed(SLIP, SECRET)
    decided(playbook >> code(text), "refer", "code_slip", "code") << "tell refer code_slip"
    opened_by_guard(playbook, "admit")
    assert drives_in(playbook)
    assert playbook.inside() == set()
    assert playbook.bodies(Decided)[-1].person == str(LI)


def test_a_guard_sees_what_a_code_says(play: Play) -> None:
    here = UUID(int=77)
    there = replace(VISIT, gates=(gate_tag(here), b"west"), uses=2, party=2)
    playbook = arrive(play(rules=estate(1, KEYED, gate=str(here))))
    assert granted(playbook >> code(signed(there, SECRET)), "code_ok", "code") >> shows(medium="code", holder="")
    (view, *_) = playbook.gate.lane_views()
    assert dict(view.code) == {
        "kind": "visit",
        "part": "",
        "number": "",
        "since_utc": NOW - 60,
        "until_utc": NOW + 3600,
        "where": "this_gate",
        "gates": 2,
        "uses": 4,
        "used": 1,
        "turns": False,
        "alone": True,
    }
    lines = [code_in_words(view.code, language, lambda utc: f"{utc - NOW:.0f}") for language in LANGUAGES]
    assert lines == [
        "访客码 · -60 至 3600 · 限 2 个大门，本门在内 · 已用 1/4 次 · 本机仅凭此码得知",
        "visitor's code · -60 to 3600 · 2 gates, this one among them · used 1 of 4 times · known only by its code",
    ]


def test_after_a_restart_the_guard_is_asked_about_the_one_with_the_code(play: Play) -> None:
    playbook = granted(known(play) >> code(TEXT), "code_ok", "code")
    assert playbook
    playbook.pins["arrival"] = False
    playbook >> restart(unconfirmed=True) << "write decision refer not_confirmed" << "tell refer not_confirmed" << "-> referred"
    assert playbook
    (who,) = playbook.lane.passage.moving if playbook.lane.passage else ()
    assert (who.visit, who.subject) == (str(VISIT.id), str(VISITOR))
