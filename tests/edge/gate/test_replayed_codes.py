"""A decision on a signed pass is made again from what its entry keeps: without the text, the keys or the clock."""

from dataclasses import replace
from uuid import UUID

import pytest

from access.codes import read_back, recorded
from access.decision import Decision
from access.entries import Decided, Entry, EntryError, Stamp
from access.passes import PassKey, Shown, is_signed
from access.presence import Presence
from access.replay import Unjudged, again
from access.sealing import Opened, seal, unseal
from access.snapshot import Snapshot
from edge.gate.passage import Moment, Passage, Presentation
from edge.gate.records import decided as written
from tests.access.rules.test_signed_code import GUEST, KEYED, TABLE, TURNING, coming
from tests.access.rules.world import Showing, World, decided, shows_signed, world


def entry(given: World, shown: Showing, decision: Decision) -> Entry:
    """Return the entry of a decision as a lane writes it."""
    direction = shown.presented.direction
    own = decision.match
    code = shown.presented.code
    by = Presentation("reader", shown.presented.medium, shown.presented.raw, shown.presented.text, 0.0, 40, code=code)
    passage = Passage("p", 0.0, direction, decision.outcome, decision.reason, decision.values, text=by.text)
    passage.belongs_to(own.credential)
    passage.obligations, passage.considered = decision.obligations, shown.presented.earlier
    passage.moving = (decision.passing, *decision.company)
    body = written(passage, by, decision, Moment(0.0, shown.moment, given.rules, Presence()))
    lane = shown.lane or direction
    return Entry(UUID(int=1), UUID(int=2), 3, UUID(int=4), Stamp(1, 1), body, lane, "p")


def checked(given: World, shown: Showing) -> Showing:
    """Return a showing as a gate takes it in: what was signed is checked, and its text is gone."""

    def taken_in(one: Showing) -> Showing:
        presented = one.presented
        code = given.rules.shown_code(presented.text, one.moment)
        named = replace(presented, raw=code.name, text=code.name, code=code)
        return replace(one, presented=named) if is_signed(presented.text) else one

    taken = taken_in(shown)
    before = tuple(
        replace(other, presented=taken_in(Showing(other.presented, shown.at)).presented) for other in shown.presented.earlier
    )
    return replace(taken, presented=replace(taken.presented, earlier=before))


def without_keys(given: World) -> Snapshot:
    rules = given.rules
    rules.pass_keys = {kid: PassKey(kid, bytes(32), revoked=True) for kid in rules.pass_keys}
    return rules


def made_again(opened: Opened, given: World) -> Decision | Unjudged:
    body = opened.body()
    assert isinstance(body, Decided)
    return again(opened, body, without_keys(given), Presence())


def test_every_decision_of_the_table_is_made_again() -> None:
    for name, (given, shown, expected) in TABLE.items():
        taken = checked(given, shown)
        decision = decided(given, taken)
        assert decision.reason == expected.reason, name
        sealed = seal(entry(given, taken, decision), bytes)
        assert b"GP1:" not in sealed.canonical + sealed.personal
        assert b"GR1:" not in sealed.canonical + sealed.personal
        result = made_again(unseal(sealed.canonical, sealed.personal), given)
        assert not isinstance(result, Unjudged), name
        assert (result.outcome, result.reason) == (decision.outcome, decision.reason), name
        assert result.passing == decision.passing, name
        erased = made_again(unseal(sealed.canonical), given)
        if isinstance(erased, Unjudged):
            assert decision.reason in ("blocked", "code_other_plate", "unknown_refer"), name
        elif decision.reason != "code_slip_other":  # another plate than the slip's may be gone with what is erased
            assert (erased.outcome, erased.reason) == (decision.outcome, decision.reason), name


def test_an_erased_visitor_whose_cards_are_blank_is_decided_on_as_before() -> None:
    """Their code cannot be looked up any more; the entry names which it was."""
    shown = checked(world(*GUEST, coming()), shows_signed())
    revoked = world(*GUEST[::2], (GUEST[1][0], GUEST[1][1], {**GUEST[1][2], "status": "revoked"}), coming())
    for given, reason in ((world(*GUEST, coming()), "visit_ok"), (revoked, "inactive")):
        sealed = seal(entry(given, shown, decided(given, shown)), bytes)
        blank = [(kind, one, {**data, "hashes": ["00" * 16]} if kind == "card" else data) for kind, one, data in given.records]
        result = made_again(unseal(sealed.canonical), replace(given, records=tuple(blank)))
        assert isinstance(result, Decision)
        assert result.reason == reason


def test_what_was_said_is_written_without_the_lines_and_read_back() -> None:
    for given, shown, _ in TABLE.values():
        code = checked(given, shown).presented.code
        kept = recorded(code)
        if code is None:
            assert kept == ()
            continue
        said = code.says and replace(code.says, number="", units=(), digest=b"", lines=())
        assert read_back(kept, code.name) == Shown(code.fault, said, code.turned, code.kid, code.name)
        assert read_back([*kept, "of a later version"] if said else kept, code.name) is not None


@pytest.mark.parametrize("kept", [(1,), ("", "visit", "no id", *range(11)), ("", "visit", None, *range(11)), range(14)])
def test_what_is_no_record_of_a_code_is_an_error_of_its_entry(kept: tuple[object, ...]) -> None:
    with pytest.raises(EntryError):
        read_back(kept)


def test_an_entry_without_a_code_has_no_byte_for_it() -> None:
    given = world(*GUEST, coming(), KEYED)
    with_code = checked(given, shows_signed(TURNING, turned=0))
    sealed = seal(entry(given, with_code, decided(given, with_code)), bytes)
    assert "code" in unseal(sealed.canonical).fields
    plain = replace(with_code, presented=replace(with_code.presented, code=None, text="GH-42"))
    without = seal(entry(given, plain, decided(given, plain)), bytes)
    assert "code" not in unseal(without.canonical).fields
    assert isinstance(body := unseal(without.canonical, without.personal).body(), Decided)
    assert body.code == ()
