"""Signed passes: what the code of a visit, a contractor pass or a goods-release slip says, and whether it is the registry's.

The text is `GP1:` and, in base45 (RFC 9285), a COSE_Sign1 message (RFC 9052, EdDSA alone) over CWT claims (RFC 8392). It bears no
name and no number of a person: whoever finds the paper learns nothing. Only the registry signs; gates hold its public keys.

| claim | value |
|---|---|
| 4 exp, 5 nbf, 6 iat | epoch seconds |
| 7 cti | the record's id, 16 bytes |
| -70000 | [kind, part, gates, uses, party, vehicles, turns], numbered as in `KINDS` and `PARTS` |
| -70001 | of a slip, or a contractor pass: [number, units, digest of the lines, lines] |

`gates` are the last four bytes of their ids, `vehicles` keyed hashes of plates, six bytes each. A code that turns (`turns`) is
shown by a phone as `GR1:`, eight characters that are others every 30 seconds, and what follows `GP1:`: a picture of it is old
soon.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final
from uuid import UUID

import base45
import cbor2
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.cbor import CborError, loads_canonical
from access.identifiers import uuid_of
from access.immutable import immutable

PREFIX, TURNING = "GP1:", "GR1:"
CODE_CHARS_MAX = 600  # fits a QR code of version 15 at level M
KINDS: Final = ("visit", "pass", "slip")
ORIGINAL, DUPLICATE = "O", "D"
PARTS: Final = ("", ORIGINAL, DUPLICATE)
KID_BYTES, GATE_BYTES, VEHICLE_BYTES, DIGEST_BYTES = 4, 4, 6, 16
GATES_MAX, VEHICLES_MAX, UNITS_MAX, LINES_MAX = 16, 4, 20, 40
USES_MAX, TEXT_MAX, SECONDS_MAX = 10_000_000, 80, 253402300799
TURN_S, TURN_CHARS = 30, 8
TURNS_LOOKED_AT = 20  # either way: what is older is as good as forged
SKEW_S = 300
"""How far the gate's clock and the registry's may be apart: a window counts from so long before to so long after."""

_EDDSA: Final = -8
_SIGN1: Final = 18
_EXP, _NBF, _IAT, _CTI, _PASS, _PAPER = 4, 5, 6, 7, -70000, -70001
_DEPTH_MAX = 8
_CODE_CHARS_MIN = 100  # the signature alone takes 96
_CUT_OFF: Final = ("P1:", "R1:", "1:", ":")  # the prefixes, where a line has lost its first characters
_HEAD_CHARS = 16  # scanners may put the kind of code, or a prefix of their own, before the text
_NAME: Final = re.compile("(?:visit|pass|slip) [0-9a-f]{32}(?:-[OD])?|code [0-9a-f]{16}")


@immutable
class Line:
    """One line of a slip, where the code has room for it: item, thousandths of its unit, unit."""

    item: str
    quantity: int
    unit: str


@immutable
class Pass:
    """What a code says. Times are epoch seconds; no `gates`: all; no `vehicles`: any, or none."""

    kind: str
    id: UUID
    issued: int
    valid_from: int
    valid_until: int
    part: str = ""
    gates: tuple[bytes, ...] = ()
    uses: int = 1
    party: int = 1
    vehicles: tuple[bytes, ...] = ()
    turns: bool = False
    number: str = ""
    units: tuple[str, ...] = ()
    digest: bytes = b""
    lines: tuple[Line, ...] = ()

    @property
    def name(self) -> str:
        """The text by which it is spoken of, looked up and written down; it opens nothing."""
        return name_of(self.kind, self.id, self.part)


@immutable
class PassKey:
    """A public key of the registry by which codes are checked; a revoked one is known, so that people are told why."""

    kid: bytes
    public: bytes
    revoked: bool = False


@immutable
class Shown:
    """A code as it was shown: why it is none (`fault`, empty: it is the registry's), and what it says as far as that is known.

    `turned` is the moment (epoch seconds) for which a phone had made its turning characters, 0 where it showed none that fit.
    """

    fault: str
    says: Pass | None = None
    turned: int = 0
    kid: bytes = b""
    name: str = field(default="")


class PassError(Exception):
    """A code that is none of ours; `fault` is one of the codes that `access.reasons` has after `code_`."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def is_signed(text: str) -> bool:
    """Tell whether a text that was read means to be a signed pass, though a scanner may have spoilt it.

    What is one must stand nowhere in full, and what almost is one can be put right again by hand.
    """
    head = text[:_HEAD_CHARS].upper()
    is_cut = len(text) >= _CODE_CHARS_MIN and head.startswith(_CUT_OFF)
    return PREFIX in head or TURNING in head or is_cut


def is_name(text: str) -> bool:
    """Tell whether a text is by what a code is spoken of; it stands in journals, so whoever shows it shows nothing."""
    return _NAME.fullmatch(text) is not None


def name_of(kind: str, identity: UUID, part: str = "") -> str:
    """Return the name of the code of a record, and of one part of it."""
    return f"{kind} {identity.hex}{part and '-' + part}"


def gate_tag(gate: UUID) -> bytes:
    """Return by what a code names a gate."""
    return gate.bytes[-GATE_BYTES:]


def kid_of(public: bytes) -> bytes:
    """Return the short name of a public key."""
    return hashlib.sha256(b"gatehouse-pass-key-1" + public).digest()[:KID_BYTES]


# --- making -------------------------------------------------------------------------------------------------------------------


def signed(told: Pass, private: bytes) -> str:
    """Return the text of a code, signed with a private key (32 bytes). Raises ValueError where it says too much for a code."""
    from cwt import COSE, COSEKey  # noqa: PLC0415 - 9 MB and a tenth of a second, which a gate without codes need not have

    key = COSEKey.new({1: 1, 3: _EDDSA, -1: 6, -2: _public_of(private), -4: private})
    head = {1: _EDDSA, 4: kid_of(_public_of(private))}
    for spare in range(256):  # one in 45 would end with a space, which people and programs strip
        message = COSE.new().encode(cbor2.dumps(_claims(told, spare), canonical=True), key, protected=head)
        text = PREFIX + str(base45.b45encode(message), "ascii")
        if not text.endswith(" "):
            break
    if len(text) > CODE_CHARS_MAX:
        raise ValueError(f"a code has at most {CODE_CHARS_MAX} characters, this one has {len(text)}")
    return text


def _public_of(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _claims(told: Pass, spare: int) -> dict[int, Any]:
    vehicles = list(told.vehicles)
    claims: dict[int, Any] = {
        _EXP: told.valid_until,
        _NBF: told.valid_from,
        _IAT: told.issued,
        _CTI: told.id.bytes,
        _PASS: [
            *(KINDS.index(told.kind), PARTS.index(told.part), list(told.gates), told.uses, told.party, vehicles, int(told.turns)),
            *([spare] if spare else []),
        ],
    }
    if told.number or told.units or told.digest:
        lines = [[line.item, line.quantity, line.unit] for line in told.lines]
        claims[_PAPER] = [told.number, list(told.units), told.digest, lines]
    return claims


# --- reading ------------------------------------------------------------------------------------------------------------------


def shown(text: str, keys: Mapping[bytes, PassKey], turning_key: bytes = b"", at_s: int = 0) -> Shown:
    """Return what a text says, checked by the keys of the site (by kid), in bounded time; a fault is said, never raised.

    `turning_key` is the site's (`turning_key`), `at_s` the moment by which a phone's turning characters are looked up.
    """
    kid, digest = b"", hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    try:
        turned, message = _message(text)
        kid = _kid(message)
        says = _read(_payload(message, _key(kid, keys)))
    except PassError as error:
        return Shown(error.fault, None, 0, kid, f"code {digest}")
    return Shown("", says, _turned(turned, says, turning_key, at_s) if turned else 0, kid, says.name)


def _message(text: str) -> tuple[str, bytes]:
    """Return the turning characters ("": none) and the bytes of the message."""
    if len(text) > CODE_CHARS_MAX + TURN_CHARS or not text.isascii() or not text.startswith((PREFIX, TURNING)):
        raise PassError("malformed")
    rest = text[len(PREFIX) :]
    turned, rest = (rest[:TURN_CHARS], rest[TURN_CHARS:]) if text.startswith(TURNING) else ("", rest)
    try:
        return turned, base45.b45decode(rest)
    except ValueError as error:
        raise PassError("malformed") from error


def _kid(message: bytes) -> bytes:
    """Return the key's name of a message that has the form of ours, and nothing else; the signature is not looked at yet."""
    try:
        whole = loads_canonical(message, _DEPTH_MAX)
        if not isinstance(whole, cbor2.CBORTag) or whole.tag != _SIGN1 or not isinstance(whole.value, list | tuple):
            raise PassError("malformed")
        protected, unprotected, payload, signature = whole.value
        if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, payload, signature)):
            raise PassError("malformed")
        head = loads_canonical(protected, _DEPTH_MAX)
    except (CborError, ValueError) as error:
        raise PassError("malformed") from error
    if not isinstance(head, dict) or type(head.get(1)) is not int or head[1] != _EDDSA:
        raise PassError("algorithm" if isinstance(head, dict) and 1 in head else "malformed")
    kid = head.get(4)
    if head.keys() != {1, 4} or not isinstance(kid, bytes):
        raise PassError("malformed")
    return kid


def _key(kid: bytes, keys: Mapping[bytes, PassKey]) -> PassKey:
    key = keys.get(kid)
    if key is None:
        raise PassError("unknown_key")
    if key.revoked:
        raise PassError("key_revoked")
    return key


def _payload(message: bytes, key: PassKey) -> bytes:
    """Return what was signed; raises PassError for whatever the key has not signed."""
    from cwt import COSE, COSEKey, CWTError  # noqa: PLC0415 - as above

    public = COSEKey.new({1: 1, 3: _EDDSA, -1: 6, -2: key.public, 2: key.kid})
    try:
        payload = COSE.new().decode(message, keys=[public])
    except (CWTError, ValueError, TypeError, LookupError, UnsupportedAlgorithm) as error:
        raise PassError("forged") from error
    if not isinstance(payload, bytes):
        raise PassError("malformed")
    return payload


def _read(payload: bytes) -> Pass:
    """Return the claims; they are signed, and are all the same held to what a pass may say: a later version may say more."""
    try:
        claims = loads_canonical(payload, _DEPTH_MAX)
        kind, part, gates, uses, party, vehicles, turns, *_ = claims[_PASS]
        number, units, digest, lines = claims.get(_PAPER, ("", [], b"", []))
        told = Pass(
            KINDS[_number(kind, len(KINDS) - 1)],
            uuid_of(_bytes(claims[_CTI], 16)),
            _number(claims[_IAT], SECONDS_MAX),
            _number(claims[_NBF], SECONDS_MAX),
            _number(claims[_EXP], SECONDS_MAX),
            PARTS[_number(part, len(PARTS) - 1)],
            tuple(_bytes(gate, GATE_BYTES) for gate in _few(gates, GATES_MAX)),
            _number(uses, USES_MAX, 1),
            _number(party, USES_MAX, 1),
            tuple(_bytes(one, VEHICLE_BYTES) for one in _few(vehicles, VEHICLES_MAX)),
            bool(_number(turns, 1)),
            _text(number),
            tuple(map(_text, _few(units, UNITS_MAX))),
            _bytes(digest, len(digest) and DIGEST_BYTES),
            tuple(Line(_text(item), _number(of, SECONDS_MAX), _text(unit)) for item, of, unit in _few(lines, LINES_MAX)),
        )
    except (CborError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise PassError("malformed") from error
    return told


def _number(value: Any, most: int, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError("a number out of bounds")
    return value


def _bytes(value: Any, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise ValueError("bytes of another length")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MAX or not value.isprintable():
        raise ValueError("no line of text")
    return value


def _few(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("too many, or no list")
    return value


# --- codes that turn ----------------------------------------------------------------------------------------------------------


def turning_key(card_key: bytes) -> bytes:
    """Return the key of a site by which its codes turn, made of the key under which it hashes cards."""
    return hmac.digest(card_key, b"gatehouse-turning-1", "sha256")


def turning_text(text: str, told: Pass, key: bytes, at_s: int) -> str:
    """Return the code as a phone shows it at a moment; it may be shown until the next multiple of TURN_S."""
    return TURNING + _turning(told.id, key, at_s // TURN_S) + text.removeprefix(PREFIX)


def _turning(identity: UUID, key: bytes, step: int) -> str:
    digest = hmac.digest(key, identity.bytes + step.to_bytes(8), "sha256")
    return base64.b32encode(digest[:5]).decode()


def _turned(characters: str, says: Pass, key: bytes, at_s: int) -> int:
    """Return for which moment a phone made these characters, 0 where for none near."""
    now = at_s // TURN_S
    for step in range(max(1, now - TURNS_LOOKED_AT), now + TURNS_LOOKED_AT + 1):
        if hmac.compare_digest(characters.encode(), _turning(says.id, key, step).encode()):
            return step * TURN_S
    return 0
