"""A pass that another gate counts: the lane asks the home gate, waits for a moment, and never counts or opens by itself."""

from collections.abc import Callable
from uuid import UUID

from access.card import code_hash
from access.entries import Decided, FactsChanged
from access.snapshot import Snapshot
from edge.gate.events import ClaimUnwritten
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked
from simulators.standalone import Rule
from simulators.standalone import card as card_rule
from tests.edge.gate.conftest import Play
from tests.edge.gate.playbook import CARD_KEY, WANG, WANGS_CARD, Happening, Playbook, card, estate, event, sees, store_fails, wait
from tests.edge.gate.scenes import arrive, comes_down, decided, denied, granted, opened_by_guard, passes
from tests.edge.gate.test_rules_at_the_lane import VISIT, visit_of_wang

EAST, WEST = UUID(int=71), UUID(int=72)
WESTS_BOX = UUID(int=82)
USES = f"uses:{VISIT}"
AT_US = 1_900_000_000_000_000


def strict(home: UUID = WEST, uses: int = 1, more: tuple[Rule, ...] = ()) -> Snapshot:
    """Rules of a strict site, as the east gate has them: Wang visits once, counted by a home gate."""
    person, (kind, identity, visit) = visit_of_wang(uses)
    site = {"slug": "lakeside", "name": "湖畔", "zone": "Asia/Shanghai", "card_key": CARD_KEY.hex(), "code_reuse": "strict"}
    box = {"id": str(WESTS_BOX), "gate": str(WEST), "slug": "west", "name": "西门", "public_key": "ab" * 32}
    more = (
        *more,
        ("site", UUID(int=70), {"id": str(UUID(int=70)), **site}),
        ("peer", WESTS_BOX, box),
        person,
        (kind, identity, {**visit, "home": str(home)}),
    )
    return estate(1, *more, gate=str(EAST))


def answers(*, yes: bool, why: str = "", which: int = -1, by: UUID = WESTS_BOX) -> Happening:
    def make(playbook: Playbook) -> ClaimAnswered:
        asked = [action for action in playbook.sent if isinstance(action, HomeAsked)][which]
        return ClaimAnswered(str(by), asked.nonce, yes, why, AT_US)

    return event("the home gate answers", make)


def asks(play: Play) -> Playbook:
    """Wang shows a card at the east gate: the west gate is asked."""
    playbook = arrive(play(rules=strict())) >> card(WANGS_CARD)
    return decided(playbook, "deny", "home_awaited") << "tell deny home_awaited" << "ask home visit"


def test_with_the_home_gates_yes_they_come_in_and_it_is_counted_there_alone(play: Play) -> None:
    playbook = asks(play) >> wait(0.2) >> answers(yes=True)
    playbook << "write decision grant visit_ok" << "write command open" << "open in-1" << "-> opening"
    assert comes_down(passes(playbook >> sees(arm="up") << "-> open"))
    decision = playbook.bodies(Decided)[-1]
    assert decision.facts == ()
    assert decision.presence[f"claim:{VISIT}"] == ["yes", str(WEST), "", AT_US]
    assert USES not in playbook.gate.presence.facts
    assert playbook.gate.presence.facts[f"party:{VISIT}"] == 1
    assert f"claim:{VISIT}" not in playbook.gate.presence.facts


def test_where_nobody_came_after_all_the_use_is_given_back(play: Play) -> None:
    playbook = asks(play) >> answers(yes=True)
    playbook << "write decision grant visit_ok" << "write command open" << "open in-1" << "-> opening"
    playbook >> sees(arm="up") << "-> open" >> sees(arrival=False)
    assert playbook >> wait(30) << "write passage no_show" << "-> closing"
    assert playbook.gate.presence.facts[USES] == -1, "which with the home gate's one makes none"


def test_a_grant_that_cannot_be_written_gives_it_back(play: Play) -> None:
    playbook = asks(play) >> answers(yes=True)
    playbook << "write decision grant visit_ok" << "write command open" << "open in-1" << "-> opening"
    assert playbook >> store_fails() << "write decision deny store_failed" << "tell deny store_failed" << "-> denied"
    assert playbook.gate.presence.facts[USES] == -1


def test_its_no_is_the_guards_question(play: Play) -> None:
    playbook = asks(play) >> answers(yes=False, why="used_up")
    assert playbook << "write decision refer home_says_no" << "tell refer home_says_no" << "-> referred"
    assert opened_by_guard(playbook, "admit")
    assert playbook.gate.presence.facts[USES] == 1, "whom the guard lets in is counted, too"


def test_its_silence_is_the_guards_question_and_a_late_yes_is_given_back_once(play: Play) -> None:
    playbook = asks(play) >> wait(0.3) << "write decision refer home_silent" << "tell refer home_silent" << "-> referred"
    assert playbook >> answers(yes=True) << "write facts" >> answers(yes=True)
    assert playbook.gate.presence.facts[USES] == -1
    assert playbook.bodies(FactsChanged)[-1].reason == "given_back"


def test_an_answer_of_another_box_or_to_another_question_says_nothing(play: Play) -> None:
    playbook = asks(play) >> answers(yes=True, by=UUID(int=99))
    playbook >> event("answers what nobody asked", lambda _: ClaimAnswered(str(WESTS_BOX), "00", yes=True))
    assert playbook >> wait(0.3) << "write decision refer home_silent" << "tell refer home_silent" << "-> referred"


def test_the_same_card_again_asks_nobody_again(play: Play) -> None:
    assert asks(play) >> card(WANGS_CARD) >> wait(0.1) >> card(WANGS_CARD)


def test_who_drives_off_meanwhile_has_used_nothing(play: Play) -> None:
    playbook = asks(play) >> sees(arrival=False) << "write passage denied" << "-> idle"
    assert playbook >> answers(yes=True) << "write facts" >> wait(1)
    assert playbook.gate.presence.facts[USES] == -1


def test_where_no_box_of_the_home_gate_is_known_the_guard_is_asked_at_once(play: Play) -> None:
    playbook = arrive(play(rules=strict(UUID(int=73)))) >> card(WANGS_CARD)
    decided(playbook, "deny", "home_awaited") << "tell deny home_awaited"
    assert playbook >> wait(0) << "write decision refer home_silent" << "tell refer home_silent" << "-> referred"


def test_at_the_home_gate_itself_nobody_is_asked(play: Play) -> None:
    assert granted(arrive(play(rules=strict(EAST))) >> card(WANGS_CARD), "visit_ok")


# --- as the home gate -----------------------------------------------------------------------------


def claims(nonce: str = "0a", **changes: object) -> Happening:
    told = {"paper": "visit", "identity": str(VISIT), "person": str(WANG), "allowed": 9, "permit": "", "lane": "in-7"}
    claim: Callable[..., ClaimMade] = ClaimMade
    return event("another gate claims a use", lambda _: claim(**{"edge": str(WESTS_BOX), "nonce": nonce, **told, **changes}))


def test_a_use_is_counted_before_it_is_answered_once_for_each_claim_and_never_more_than_are_left(play: Play) -> None:
    playbook = play(rules=strict(EAST))
    playbook >> claims() << "write facts" << "answer claim yes"
    playbook >> claims() << "answer claim yes"
    assert playbook >> claims("0b") << "answer claim used_up"
    assert playbook.gate.presence.facts[USES] == 1
    assert denied(arrive(playbook) >> card(WANGS_CARD), "visit_used_up")


def test_a_use_that_could_not_be_written_is_not_answered_yes_and_not_counted(play: Play) -> None:
    playbook = play(rules=strict(EAST)) >> claims() << "write facts" << "answer claim yes"
    unwritten = event("it cannot be written", lambda _: ClaimUnwritten(str(WESTS_BOX), "0a"))
    playbook >> unwritten << "write facts" << "answer claim unwritten"
    assert playbook >> claims() << "answer claim unwritten"
    assert USES not in playbook.gate.presence.facts


def test_of_whom_the_rules_name_no_more_no_claim_is_answered(play: Play) -> None:
    playbook = play(rules=strict(EAST)) >> claims(edge=str(UUID(int=99)))
    assert playbook >> claims() << "write facts" << "answer claim yes"


def test_a_duplicate_is_counted_as_handed_in_at_the_other_gate(play: Play) -> None:
    held = f"held:{UUID(int=31)}"
    playbook = play(rules=strict(EAST))
    playbook >> claims(paper="pass", identity=str(UUID(int=31)), permit="p") << "write facts" << "answer claim yes"
    assert playbook >> claims("0b", paper="pass", identity=str(UUID(int=31)), permit="p") << "answer claim held"
    assert playbook.gate.presence.facts[held] == ["in-7", int(playbook.at.timestamp()), "permit:p"]
    assert playbook.gate.presence.facts["permit:p"] == 1


def test_a_gate_that_is_not_home_or_has_no_rules_counts_nothing(play: Play) -> None:
    assert play(rules=strict(WEST)) >> claims() << "answer claim not_home"
    assert play(rules=None) >> claims() << "answer claim no_rules"


def test_what_was_taken_back_is_not_counted_though_nothing_but_its_code_is_on_record(play: Play) -> None:
    """A cancelled visit, a revoked pass: the other gate has not heard of it, and would let in by the code."""
    names = {"visit": f"visit {UUID(int=33).hex}", "pass": f"pass {UUID(int=33).hex}-O"}
    for paper, name in names.items():
        code = card_rule(UUID(int=34), WANG, [code_hash(CARD_KEY, name)], medium="code", status="revoked")
        playbook = play(rules=strict(EAST, more=(code,)))
        assert playbook >> claims(paper=paper, identity=str(UUID(int=33))) << "answer claim not_approved"


def test_a_gate_that_starts_again_gives_the_same_answer(play: Play) -> None:
    playbook = play(rules=strict(EAST)) >> claims() << "write facts" << "answer claim yes"
    assert playbook
    [answer] = [action for action in playbook.sent if isinstance(action, ClaimAnswered)]
    [body] = playbook.bodies(FactsChanged)
    assert (body.source, body.reason) == (f"claim:{WESTS_BOX}/0a", "claimed")
    assert answer.yes
