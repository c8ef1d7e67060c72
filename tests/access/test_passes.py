"""Signed passes: what is signed is read back as it was; what is not is refused, with the right fault, whatever the bytes are."""

import random
from dataclasses import fields, replace
from uuid import UUID

import base45
import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.passes import (
    CODE_CHARS_MAX,
    KINDS,
    PARTS,
    PREFIX,
    SECONDS_MAX,
    TURN_S,
    TURNING,
    TURNS_LOOKED_AT,
    USES_MAX,
    Line,
    Pass,
    PassKey,
    Shown,
    gate_tag,
    is_name,
    is_signed,
    kid_of,
    shown,
    signed,
    turning_key,
    turning_text,
)
from tests.access.pass_texts import CLAIMS, EDDSA, KID, PUBLIC, SECRET, by_algorithm, made, packed, unpacked
from tests.access.test_cbor import doubling
from tests.sizes import sized

KEYS = {KID: PassKey(KID, PUBLIC)}
OTHERS = bytes(range(1, 33))
TURNS = turning_key(bytes(range(32)))
VISIT = Pass("visit", UUID(bytes=bytes(range(16))), 900, 1000, 2000)
FULL = Pass(
    *("slip", UUID(int=7), 900, 1000, 2000, "", (b"east", b"west"), 2, 3, (b"plate1", b"plate2"), True, "F-20260302-01"),
    *(("3-1201", "3-1202"), bytes(16), (Line("沙发", 1000, "件"), Line("sofa", 2500, ""))),
)
TEXT = signed(VISIT, SECRET)
HEAD: dict[object, object] = {1: EDDSA, 4: KID}
AT = 1500

texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
seconds = st.integers(0, SECONDS_MAX)
PASSES = st.builds(
    Pass,
    st.sampled_from(KINDS),
    st.uuids(),
    seconds,
    seconds,
    seconds,
    st.sampled_from(PARTS),
    st.lists(st.binary(min_size=4, max_size=4), max_size=4).map(tuple),
    st.integers(1, USES_MAX),
    st.integers(1, USES_MAX),
    st.lists(st.binary(min_size=6, max_size=6), max_size=4).map(tuple),
    st.booleans(),
    texts,
    st.lists(texts, max_size=2).map(tuple),
    st.sampled_from((b"", bytes(16), bytes(range(16)))),
    st.lists(st.builds(Line, texts, seconds, texts), max_size=2).map(tuple),
)


def fault(text: str, keys: dict[bytes, PassKey] = KEYS) -> str:
    """Return why a text is no code of ours; it says nothing then, but for a name that tells one such text from others."""
    found = shown(text, keys, TURNS, AT)
    assert found.fault
    assert (found.says, found.turned) == (None, 0)
    assert is_name(found.name)
    assert len(text) < len(PREFIX) or text not in found.name
    return found.fault


# --- what is signed is read back ------------------------------------------------------------------


@given(PASSES)
@settings(max_examples=sized(quick=60, soak=3000))
def test_what_is_signed_is_read_back(told: Pass) -> None:
    if not (told.number or told.units or told.digest):
        told = replace(told, lines=())  # a code that names no paper has no lines of one
    try:
        text = signed(told, SECRET)
    except ValueError:
        return  # it says too much for a code
    assert is_signed(text)
    assert not text.endswith(" ")
    assert shown(text, KEYS) == Shown("", told, 0, KID, told.name)
    assert is_name(told.name)
    assert signed(told, SECRET) == text


def test_a_code_is_small_and_says_too_much_at_last() -> None:
    assert len(TEXT) < 220
    assert shown(signed(FULL, SECRET), KEYS).says == FULL
    with pytest.raises(ValueError, match="at most"):
        signed(replace(FULL, lines=FULL.lines * 12), SECRET)


def test_a_code_says_nothing_of_a_person() -> None:
    assert {declared.name for declared in fields(Pass)} == {
        *("kind", "id", "issued", "valid_from", "valid_until", "part", "gates", "uses", "party", "vehicles", "turns"),
        *("number", "units", "digest", "lines"),
    }
    assert gate_tag(UUID(int=0x0102030405)) == bytes((2, 3, 4, 5))


# --- codes that turn ------------------------------------------------------------------------------


@given(st.integers(10**9, 2 * 10**9), st.integers(-40 * TURN_S, 40 * TURN_S))
@settings(max_examples=sized(quick=40, soak=2000))
def test_a_code_that_turns_says_for_which_moment(at_s: int, ago_s: int) -> None:
    text = turning_text(TEXT, VISIT, TURNS, at_s - ago_s)
    found = shown(text, KEYS, TURNS, at_s)
    step = (at_s - ago_s) // TURN_S
    near = abs(at_s // TURN_S - step) <= TURNS_LOOKED_AT
    assert (found.fault, found.says, found.turned) == ("", VISIT, step * TURN_S if near else 0)
    assert text.startswith(TURNING)
    assert is_signed(text)


def test_characters_that_nobody_made_are_of_no_moment() -> None:
    text = turning_text(TEXT, VISIT, TURNS, 10**9)
    made_up = TURNING + "AAAAAAAA" + text[len(TURNING) + 8 :]
    assert shown(made_up, KEYS, TURNS, 10**9).turned == 0
    assert shown(text, KEYS, turning_key(OTHERS), 10**9).turned == 0
    assert shown(TEXT, KEYS, TURNS, 10**9).turned == 0


# --- what is refused, and why ---------------------------------------------------------------------


def test_keys_unknown_revoked_and_of_others() -> None:
    assert fault(TEXT, {}) == "unknown_key"
    assert fault(signed(VISIT, OTHERS)) == "unknown_key"
    assert fault(TEXT, {KID: PassKey(KID, PUBLIC, revoked=True)}) == "key_revoked"
    assert fault(TEXT, {KID: PassKey(KID, OTHERS)}) == "forged"
    assert kid_of(PUBLIC) == KID


@pytest.mark.parametrize("algorithm", [-7, -35, -36, 5, 4, -37, 0, "none", "EdDSA", None, True, -8.0, [-8], -9, 2**70])
def test_no_algorithm_but_ours(algorithm: object) -> None:
    assert fault(by_algorithm(algorithm)) == "algorithm"


@pytest.mark.parametrize(
    "head",
    [
        {4: KID},
        {1: EDDSA},
        {1: EDDSA, 4: KID.hex()},
        {**HEAD, 2: [1]},
        {**HEAD, 5: b"iv"},
        {**HEAD, "x": 1},
        [],
        b"",
        b"\xff",
        cbor2.dumps({}),
        b"\xa2" + cbor2.dumps(1) + cbor2.dumps(EDDSA) + cbor2.dumps(1) + cbor2.dumps(EDDSA),
        b"\xa3\x01\x27\x04\x44" + KID + b"\x04\x44" + bytes(4),
    ],
    ids=repr,
)
def test_no_head_but_ours(head: object) -> None:
    assert fault(made(head=head)) == "malformed"


def _bomb(depth: int) -> bytes:
    return b"\x81" * depth + b"\x00"


CUT = cbor2.dumps(CLAIMS)
PARTLY: dict[int, object] = {name: value for name, value in CLAIMS.items() if name != 7}
SAYS = CLAIMS[-70000]
NOT_OURS: dict[str, str] = {
    "nothing": PREFIX,
    "no prefix": TEXT.removeprefix(PREFIX),
    "small letters": TEXT.lower(),
    "a scanner's prefix": f"]Q1{TEXT}",
    "a space before": f" {TEXT}",
    "a space behind": f"{TEXT} ",
    "a line end": f"{TEXT}\r\n",
    "no base45": f"{PREFIX}!!!",
    "beyond ASCII": f"{TEXT}é",
    "half a surrogate": f"{TEXT}\ud800",
    "oversized": PREFIX + "0" * CODE_CHARS_MAX,
    "vast": PREFIX + "0" * 10_000_000,
    "deep": packed(_bomb(400)),
    "deep tags": packed(b"\xd2" * 300 + b"\x00"),
    "deep in the head": made(head=_bomb(200)),
    "doubling": packed(doubling(40)),
    "doubling in a key": packed(b"\xa1" + doubling(40) + b"\x00"),
    "doubling in the head": made(head=doubling(40)),
    "doubling in the payload": made(doubling(30)),
    "a length of 2**63": packed(b"\xd2\x9b" + b"\x7f" + b"\xff" * 7),
    "bytes of 2**63": packed(b"\xd2\x84\x5b" + b"\x7f" + b"\xff" * 7),
    "an array without end": packed(b"\xd2\x9f" + unpacked(TEXT)[2:] + b"\xff"),
    "bytes without end": packed(b"\xd2\x84\x5f\x41\xa0\xff\xa0\x40\x40"),
    "trailing bytes": packed(unpacked(TEXT) + b"\x00"),
    "two at once": packed(unpacked(TEXT) * 2),
    "another tag": made(tag=98),
    "no tag": packed(unpacked(TEXT)[1:]),
    "unprotected": made(unprotected={4: KID}),
    "an array for unprotected": made(unprotected=[]),
    "three parts": packed(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""]))),
    "five parts": packed(cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b"", b"", b""]))),
    "a number": packed(b"\x00"),
    # signed, and all the same no pass
    "no payload": made(b""),
    "a payload of another kind": made([1, 2]),
    "a payload that is cut": made(CUT[:-1]),
    "a payload with bytes behind": made(CUT + b"\x00"),
    "keys twice": made(b"\xa6" + CUT[1:] + cbor2.dumps(4) + cbor2.dumps(2**40)),
    "deep in the payload": made({**CLAIMS, -70000: cbor2.loads(_bomb(30))}),
    "without an id": made(PARTLY),
    "huge integers": made({**CLAIMS, 4: 2**200}),
    "a time that no clock shows": made({**CLAIMS, 4: SECONDS_MAX + 1}),
    "before all times": made({**CLAIMS, 5: -1}),
    "a time in parts": made({**CLAIMS, 4: 2000.0}),
    "true for a number": made({**CLAIMS, 4: True}),
    "a short id": made({**CLAIMS, 7: bytes(15)}),
    "no use": made({**CLAIMS, -70000: [0, 0, [], 0, 1, [], 0]}),
    "an unknown kind": made({**CLAIMS, -70000: [3, *SAYS[1:]]}),
    "an unknown part": made({**CLAIMS, -70000: [0, 3, *SAYS[2:]]}),
    "half a gate": made({**CLAIMS, -70000: [0, 0, [b"abc"], *SAYS[3:]]}),
    "too many gates": made({**CLAIMS, -70000: [0, 0, [b"abcd"] * 17, *SAYS[3:]]}),
    "too many vehicles": made({**CLAIMS, -70000: [0, 0, [], 1, 1, [bytes(6)] * 5, 0]}),
    "too few parts": made({**CLAIMS, -70000: SAYS[:6]}),
    "a map of gates": made({**CLAIMS, -70000: [0, 0, {}, 1, 1, [], 0]}),
    "lines of another shape": made({**CLAIMS, -70001: ["1", [], b"", [["a", 1]]]}),
    "text that cannot be printed": made({**CLAIMS, -70001: ["1\n2", [], b"", []]}),
    "much text": made({**CLAIMS, -70001: ["1" * 81, [], b"", []]}),
    "half a digest": made({**CLAIMS, -70001: ["1", [], bytes(15), []]}),
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_is_no_pass(name: str) -> None:
    assert fault(NOT_OURS[name]) == "malformed"


def test_what_a_later_version_says_more_is_passed_over() -> None:
    assert shown(made(), KEYS).says == VISIT
    assert shown(made({**CLAIMS, 99: "later", -70000: [*SAYS, 0, "later"]}), KEYS).says == VISIT


def test_a_signature_of_another_length_or_message() -> None:
    assert fault(made(signature=b"")) == "forged"
    assert fault(made(signature=bytes(64))) == "forged"
    assert fault(made(signature=bytes(4))) == "forged"
    assert fault(made({**CLAIMS, 4: 2001}, signature=unpacked(TEXT)[-64:])) == "forged"
    assert shown(made(signature=unpacked(TEXT)[-64:]), KEYS).says == VISIT


def test_truncated_at_every_length() -> None:
    for length in range(len(TEXT)):
        assert fault(TEXT[:length]) == "malformed", length
    message = unpacked(TEXT)
    for length in range(len(message)):
        assert fault(packed(message[:length])) == "malformed", length


def test_a_bit_flipped_at_every_position() -> None:
    message = unpacked(TEXT)
    faults = {fault(packed(_flipped(message, bit))) for bit in range(8 * len(message))}
    assert faults == {"malformed", "algorithm", "unknown_key", "forged"}


def _flipped(message: bytes, bit: int) -> bytes:
    changed = bytearray(message)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_character_changed_at_every_position() -> None:
    for at in range(len(TEXT)):
        other = "0" if TEXT[at] != "0" else "1"
        changed = TEXT[:at] + other + TEXT[at + 1 :]
        assert fault(changed) in ("malformed", "algorithm", "unknown_key", "forged"), at


def test_spaces_lost_or_added() -> None:
    spaced = next(text for n in range(500) if " " in (text := signed(replace(VISIT, id=UUID(int=n)), SECRET)))
    assert fault(spaced.replace(" ", "")) in ("malformed", "forged", "unknown_key")
    assert fault(spaced.replace(" ", "  ")) in ("malformed", "forged", "unknown_key")


def test_what_a_scanner_has_spoilt_is_one_all_the_same_and_its_name_shows_nothing() -> None:
    assert all(map(is_signed, (TEXT, TEXT.lower(), f"]Q1{TEXT}", f" {TEXT}", turning_text(TEXT, VISIT, TURNS, AT))))
    assert all(is_signed(text[cut:]) for text in (TEXT, turning_text(TEXT, VISIT, TURNS, AT)) for cut in range(4))
    assert not any(map(is_signed, ("GH-42", "", "GP", "P1:42", ":", VISIT.name, "https://example.org/" + TEXT)))
    assert fault(VISIT.name) == "malformed"
    assert not is_name("visit")
    assert not is_name(VISIT.name.upper())


# --- fuzzing --------------------------------------------------------------------------------------


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.binary(max_size=20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-70002, 8) | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def changed(draw: st.DrawFn) -> str:
    """Draw a valid code with some of its bytes set, cut out or put in."""
    message = bytearray(unpacked(TEXT))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(message) - 1))
        match draw(st.sampled_from(("set", "cut", "insert"))):
            case "set":
                message[at] = draw(st.integers(0, 255))
            case "cut":
                del message[at : at + draw(st.integers(1, 8))]
            case "insert":
                message[at:at] = draw(st.binary(max_size=8))
    return packed(bytes(message))


TOKENS = [
    *(b"\xd8\x1c", b"\xd8\x1d\x00", b"\xd8\x1d\x01", b"\xd9\x01\x00", b"\xd8\x19\x00", b"\xd9\x01\x02", b"\xd8\x1e\x82"),
    *(
        b"\xc2\x58\x20" + b"\xff" * 32,
        b"\xc4\x82",
        b"\xc5\x82",
        b"\x1b" + b"\xff" * 8,
        b"\x3b" + b"\xff" * 8,
        b"\xd8\x23\x64(a+)",
    ),
    *(b"\x00", b"\x40", b"\x60", b"\x82", b"\x84", b"\xa1", b"\x9f", b"\xff", b"\xd2\x84"),
]
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
NEARLY: st.SearchStrategy[str] = st.one_of(
    changed(),
    st.binary(max_size=300).map(packed),
    st.lists(st.sampled_from(TOKENS), max_size=60).map(lambda tokens: packed(b"".join(tokens))),
    st.text(max_size=60).map(lambda text: PREFIX + text),
    st.text(BASE45, max_size=300).map(lambda text: PREFIX + text),
    st.text(max_size=8).map(lambda text: TURNING + text + TEXT[len(PREFIX) :]),
    json_like.map(lambda value: packed(cbor2.dumps(cbor2.CBORTag(18, value)))),
    json_like.map(lambda value: made(unprotected=value)),
    json_like.map(lambda value: made(head=value)),
    json_like.map(made),
    st.binary(max_size=80).map(lambda signature: made(signature=signature)),
    st.builds(lambda name, value: made({**CLAIMS, name: value}), st.sampled_from([*CLAIMS, -70001]), json_like),
)


def _is_signed_by_us(text: str) -> bool:
    """Tell by other means than ours whether the bytes in a text bear our signature."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    rest = text[len(PREFIX) + 8 :] if text.startswith(TURNING) else text[len(PREFIX) :]
    protected, _, payload, signature = cbor2.loads(base45.b45decode(rest)).value
    try:
        Ed25519PublicKey.from_public_bytes(PUBLIC).verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))
    except InvalidSignature:
        return False
    return True


@given(NEARLY)
@settings(max_examples=sized(quick=150, soak=15_000))
def test_nothing_raises_and_nothing_counts_that_was_not_signed(text: str) -> None:
    found = shown(text, KEYS, TURNS, AT)
    assert (found.says is None) is bool(found.fault)
    if not found.fault:
        assert _is_signed_by_us(text)


@given(st.text(max_size=80) | st.binary(max_size=200).map(lambda data: data.decode("utf-8", "surrogateescape")))
@settings(max_examples=sized(quick=100, soak=25_000))
def test_no_text_at_all_counts(text: str) -> None:
    assert fault(text) == "malformed"
    assert fault(PREFIX + text) in ("malformed", "algorithm", "unknown_key", "forged")


def test_nothing_counts_of_a_valid_one_that_is_changed_at_random() -> None:
    """As many as time allows: hypothesis draws better ones, and fewer."""
    chance, messages = random.Random(7), [unpacked(signed(one, SECRET)) for one in (VISIT, FULL)]
    for _ in range(sized(quick=1_000, soak=150_000)):
        message = bytearray(chance.choice(messages))
        for _ in range(chance.randint(1, 4)):
            message[chance.randrange(len(message))] ^= chance.randint(1, 255)
        text = packed(bytes(message))
        if bytes(message) not in messages:
            assert shown(text, KEYS, TURNS, AT).fault
