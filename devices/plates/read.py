"""Read strips with the PP-OCRv4 recogniser and a CTC beam that may only spell plates.

The network gives, for each of some twenty slices of a strip, the probability of each of 6625 symbols; the first is the CTC
blank, the last the space, and the others are named by the key `character` of the model's metadata, a line each.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from access.plate import LOOK_ALIKES
from devices.plates.grammar import ALPHABET, following, is_complete
from devices.plates.network import Network
from devices.plates.stages import Floats, Image, Line, Text

BEAM_WIDTH = 12
LINES_MAX = 5
PROBABILITY_MIN = 1e-3
SEPARATORS = "·•・．.-_—:' "  # what the dot after the city letter is read as: nothing, as far as the grammar goes

# What the network writes for a character of a plate; 皖 and 湘 it takes for the more common 院 and 湾.
ALIKE = {"O": "O0", "o": "O0", "I": "I1", "i": "1", "l": "1", "|": "1", "院": "皖", "湾": "湘"}


class PlateRecogniser:
    """The recogniser: one network and its alphabet folded onto the characters of plates."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        network = Network(model, threads)
        self._run = network.run
        self._symbols = ["", *network.metadata["character"].splitlines(), " "]
        self._columns, self._targets = _folding(self._symbols)

    def read(self, strips: Sequence[Image]) -> list[Text]:
        """Return for each strip what it says: freely, and as the plates that it may be, best first."""
        if not strips:
            return []
        batch = np.stack([strip.transpose(2, 0, 1) for strip in strips]).astype(np.float32) / 127.5 - 1
        return [Text(self._freely(slices), spell(self._fold(slices))) for slices in self._run(batch)[0]]

    def _freely(self, slices: Floats) -> str:
        best = slices.argmax(axis=1)
        changed = np.append(True, best[1:] != best[:-1])
        return "".join(self._symbols[index] for index in best[changed])

    def _fold(self, slices: Floats) -> Floats:
        """Return slices x (blank, *ALPHABET): look-alike symbols added up, separators counted as blank."""
        folded = np.zeros((len(ALPHABET) + 1, len(slices)), np.float32)
        np.add.at(folded, self._targets, slices[:, self._columns].T)
        return folded.T


def _folding(symbols: Sequence[str]) -> tuple[list[int], list[int]]:
    """Pair each symbol of the network that means something on a plate with its places in (blank, *ALPHABET)."""
    pairs = [(column, place) for column, symbol in enumerate(symbols) for place in _places(symbol)]
    return [column for column, _ in pairs], [place for _, place in pairs]


def _places(symbol: str) -> list[int]:
    """Return what `symbol` may stand for; the grammar knows where a plate has O and where it has 0."""
    if not symbol or symbol in SEPARATORS:
        return [0]
    meant = ALIKE.get(symbol, symbol.upper().translate(LOOK_ALIKES))
    return [1 + ALPHABET.index(character) for character in meant if character in ALPHABET]


def spell(slices: Floats) -> tuple[Line, ...]:
    """Return the likeliest plates of CTC `slices` over (blank, *ALPHABET), at most LINES_MAX, best first."""
    beam: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}  # prefix: probability ending in a blank, ending in its last character
    for likely in slices:
        beam = _extend(beam, likely)
    ended = {text: blank + last for text, (blank, last) in beam.items() if is_complete(text)}
    best = sorted(ended, key=ended.__getitem__, reverse=True)[:LINES_MAX]
    return tuple(Line(text, ended[text], _characters(text, ended)) for text in best)


def _extend(beam: dict[str, tuple[float, float]], likely: Floats) -> dict[str, tuple[float, float]]:
    """Take one slice into the beam and keep its BEAM_WIDTH likeliest prefixes."""
    present = [(ALPHABET[index - 1], float(likely[index])) for index in np.flatnonzero(likely > PROBABILITY_MIN) if index]
    blanks: defaultdict[str, float] = defaultdict(float)
    lasts: defaultdict[str, float] = defaultdict(float)
    for prefix, (blank, last) in beam.items():
        blanks[prefix] += (blank + last) * float(likely[0])
        allowed = following(prefix)
        for character, probability in present:
            repeated = prefix.endswith(character)
            if repeated:
                lasts[prefix] += last * probability
            if character in allowed:
                lasts[prefix + character] += (blank if repeated else blank + last) * probability
    merged = {prefix: (blanks[prefix], lasts[prefix]) for prefix in {*blanks, *lasts}}
    kept = sorted(merged, key=lambda prefix: -sum(merged[prefix]))[:BEAM_WIDTH]
    return {prefix: merged[prefix] for prefix in kept}


def _characters(text: str, ended: dict[str, float]) -> tuple[float, ...]:
    """Return for each character of `text` the share of all spelt plates that agree on it."""
    whole = sum(ended.values()) or 1.0
    return tuple(
        sum(share for other, share in ended.items() if other[place : place + 1] == character) / whole
        for place, character in enumerate(text)
    )
