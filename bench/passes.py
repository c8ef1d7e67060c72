"""Signed passes: how many codes one core checks in a second, and how long one takes; beside it the bare signature.

Every code is another, of visits, contractor passes and goods slips as they are printed, still and turning; each is taken from
its text to what it says, as a gate does when a scanner has read it. Beside it, in turns, the same messages' signatures are
verified by the library alone, which is as fast as it can be. Ends with status 1 where a must is missed.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.passes import PREFIX, Line, Pass, PassKey, kid_of, shown, signed, turning_key, turning_text
from bench.machine import machine, percentile

CODES, QUICK_CODES = 20_000, 2_000
DISTINCT = 2_000
TURN = 200  # so many of either before the other: what slows the machine slows both
PER_SECOND_MUST = 1_000
AT = 1_772_400_000


def passes(chance: random.Random) -> Iterator[Pass]:
    """Make up what codes say."""
    while True:
        identity = UUID(bytes=chance.randbytes(16))
        vehicles = tuple(chance.randbytes(6) for _ in range(chance.randrange(3)))
        window = (AT - 3600, AT - 60, AT + 86_400)
        yield Pass("visit", identity, *window, "", (chance.randbytes(4),), 1, chance.randrange(1, 4), vehicles)
        yield Pass("visit", identity, *window, turns=True)
        yield Pass("pass", identity, *window, chance.choice("OD"), uses=10_000, number=f"{chance.randrange(10_000):04d}")
        lines = tuple(Line("沙发", 1000, "件") for _ in range(chance.randrange(5)))
        slip = Pass("slip", identity, *window, vehicles=vehicles, number=f"F-{chance.randrange(10_000)}", lines=lines)
        yield replace(slip, units=("3-1201",), digest=chance.randbytes(16))


def timed(step: Callable[[int], None], numbers: Sequence[int]) -> list[float]:
    """Return how many seconds each took."""
    took = []
    for number in numbers:
        began = time.perf_counter()
        step(number)
        took.append(time.perf_counter() - began)
    return took


def measure(codes: int) -> dict[str, Any]:
    """Return the figures, in microseconds and per second."""
    chance = random.Random(7)
    private = Ed25519PrivateKey.generate()
    public, secret = private.public_key(), private.private_bytes_raw()
    keys = {kid_of(public.public_bytes_raw()): PassKey(kid_of(public.public_bytes_raw()), public.public_bytes_raw())}
    turns = turning_key(bytes(32))
    told = [one for one, _ in zip(passes(chance), range(DISTINCT), strict=False)]
    still = [signed(one, secret) for one in told]
    texts = [turning_text(text, one, turns, AT) if one.turns else text for text, one in zip(still, told, strict=True)]
    bare = [_signature(text) for text in still]

    def check(number: int) -> None:
        found = shown(texts[number % DISTINCT], keys, turns, AT)
        if found.fault or found.says != told[number % DISTINCT]:
            raise AssertionError(f"a code that was not read: {found}")

    def verify(number: int) -> None:
        public.verify(*bare[number % DISTINCT])

    timed(check, range(DISTINCT))
    ours, theirs = [], []
    for first in range(0, codes, TURN):
        ours += timed(check, range(first, first + TURN))
        theirs += timed(verify, range(first, first + TURN))
    sizes = sorted(map(len, texts))
    return {
        "codes": len(ours),
        "characters": {"median": sizes[len(sizes) // 2], "most": sizes[-1]},
        "checked": _figures(ours),
        "bare_signature": _figures(theirs),
        "times_bare": round(sum(ours) / sum(theirs), 2),
    }


def _signature(text: str) -> tuple[bytes, bytes]:
    """Return the signature in a code, and what was signed."""
    protected, _, payload, signature = cbor2.loads(base45.b45decode(text.removeprefix(PREFIX))).value
    return signature, cbor2.dumps(["Signature1", protected, b"", payload])


def _figures(took: list[float]) -> dict[str, float]:
    return {
        "per_second": round(len(took) / sum(took)),
        "median_us": round(percentile(took, 0.5) * 1e6, 1),
        "p99_us": round(percentile(took, 0.99) * 1e6, 1),
    }


def main() -> int:
    """Measure on one core and say so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the codes")
    arguments = parser.parse_args()
    described = machine()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = measure(QUICK_CODES if arguments.quick else CODES)
    print(json.dumps({"machine": described, **found, "must": {"per_second": PER_SECOND_MUST}}, indent=2, ensure_ascii=False))
    return 0 if found["checked"]["per_second"] >= PER_SECOND_MUST else 1


if __name__ == "__main__":
    sys.exit(main())
