"""Which characters and provinces are taken for one another, and what each confusion costs: 1 the commonest, more the rarer ones.

The costs are measured with this project's own reader (`bench/confusions.py`): it read 9,300 drawn plates of all provinces, made
small, dark, blurred and noisy, and 1,000 real plates cut out, as they are and likewise spoilt; readings with one wrong character
were counted. A cost is 1 + log10 of how many times rarer the pair is than 0/Q, the commonest; `docs/plates.md` has the counts.
Pairs that guards know and the reader hardly ever mixes up (4/A, 7/1, U/V) keep the cost `RARE`: other cameras do mix them up.
Drawn provinces have another type face than real ones, so there are only three steps, and pairs that were seen in photographs of
the street (渝/新, 粤/鄂, 皖/新, 川/皖) or of real plates (皖/豫, 皖/苏, 皖/鄂, 皖/粤) have one whatever was counted.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import permutations

from access.plate import CONFUSABLE, PROVINCES

GROUPS = (*CONFUSABLE, "MN")  # M/N is not on the field's list, and among the commonest of our reader
RARE = 2.0
OTHER_PROVINCE = 3.0
_CHARACTERS = {"0Q": 1.0, "MN": 1.0, "6G": 1.1, "1T": 1.2, "0D": 1.2, "5S": 1.3, "8B": 1.3, "1L": 1.7, "2Z": 1.8}
_PROVINCES = {
    1.5: "冀藏 蒙豫 蒙藏 晋鲁 琼豫 渝湘",  # over 4 % of the readings of either
    2.0: "渝苏 川皖 皖陕 津渝 浙渝 冀贵 皖赣 琼皖 渝皖 晋青 蒙赣 冀黑 渝新 粤鄂 皖新",  # over 1.5 %
    2.5: "皖闽 琼鄂 桂皖 冀蒙 湘赣 京皖 宁皖 新赣 皖黑 皖藏 桂赣 新浙 皖豫 皖苏 皖鄂 皖粤",  # over 0.8 %
}

# Wider groups, for what is rather asked once too often than missed: doubt about a reading, and the block list.
WIDER = ("0DQO", "8B", "2Z", "5S", "1ITL7J", "6GC", "4A", "UVY", "MNHW", "KX", "EF")
WIDER_SKELETON = str.maketrans({character: group[0] for group in WIDER for character in group})


def _both_ways(pairs: Iterable[tuple[str, float]]) -> dict[tuple[str, str], float]:
    return {way: cost for pair, cost in pairs for way in ((pair[0], pair[1]), (pair[1], pair[0]))}


_CHARACTER_COSTS = dict.fromkeys((way for group in GROUPS for way in permutations(group, 2)), RARE)
_CHARACTER_COSTS |= _both_ways(_CHARACTERS.items())
_PROVINCE_COSTS = _both_ways((pair, cost) for cost, pairs in _PROVINCES.items() for pair in pairs.split())


def confusable_cost(read: str, meant: str) -> float | None:
    """Return what it costs that character `read` stands for `meant`; None where they are not taken for one another."""
    return _CHARACTER_COSTS.get((read, meant))


def province_cost(read: str, meant: str) -> float | None:
    """Return what it costs that `read`, another province or a letter, stands for the province `meant`; None for all else."""
    if meant not in PROVINCES or not (read in PROVINCES or "A" <= read <= "Z"):
        return None
    return _PROVINCE_COSTS.get((read, meant), OTHER_PROVINCE)


@lru_cache(maxsize=256)
def partners(character: str) -> frozenset[str]:
    """Return what `character` may really be, rare confusions included; of a province, those that are often mixed up with it."""
    others = {other for group in WIDER if character in group for other in group}
    return frozenset(others | {other for one, other in _PROVINCE_COSTS if one == character}) - {character}
