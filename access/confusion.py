"""Which characters and provinces are taken for one another, and what each confusion costs: 1 the commonest, more the rarer ones.

The costs are measured with this project's own reader on 2,000 pictures of real plates cut out (as they are, and made small, dark,
blurred and noisy) and 15,500 drawn plates of all provinces, likewise spoilt; readings with one wrong character were counted. A
cost is 1 + log10 of how many times rarer the pair is than 0/Q, the commonest; `docs/plates.md` has the counts. Pairs that guards
know and the reader hardly ever mixes up (4/A, 7/1, U/V) keep the cost `RARE`: other cameras do mix them up. Drawn provinces have
another type face than real ones, so the pairs that photographs in the street have shown (渝/新, 粤/鄂, 皖/新, 川/皖) stand among
the common ones whatever was counted.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import permutations

from access.plate import CONFUSABLE, PROVINCES

RARE = 2.0
OTHER_PROVINCE = 3.0
_CHARACTERS = {"0Q": 1.0, "0D": 1.2, "5S": 1.2, "6G": 1.3, "1T": 1.4, "8B": 1.4, "2Z": 1.5, "1L": 1.9}
_PROVINCES = {
    1.5: "冀藏 渝湘 蒙豫 晋鲁 蒙藏 琼豫",  # over 4 % of the spoilt readings of either
    2.0: "皖陕 琼皖 渝苏 浙渝 蒙赣 新浙 晋青 津渝 川皖 皖粤 皖赣 冀黑 豫赣 津豫 皖闽 皖鄂 皖豫 皖苏 渝新 粤鄂 皖新",  # 1.5 %
    2.5: "冀贵 宁皖 湘苏 琼鄂 川闽 浙苏 冀蒙 渝皖 晋甘 冀豫 冀川 冀闽 皖藏 豫鄂 川黑 京皖 皖黑 豫陕 晋赣",  # 0.8 %
}

# Wider groups, for what is rather asked once too often than missed: doubt about a reading, and the block list.
WIDER = ("0DQO", "8B", "2Z", "5S", "1ITL7J", "6GC", "4A", "UVY", "MNHW", "KX", "EF")
WIDER_SKELETON = str.maketrans({character: group[0] for group in WIDER for character in group})


def _both_ways(pairs: Iterable[tuple[str, float]]) -> dict[tuple[str, str], float]:
    return {way: cost for pair, cost in pairs for way in ((pair[0], pair[1]), (pair[1], pair[0]))}


_CHARACTER_COSTS = dict.fromkeys((way for group in CONFUSABLE for way in permutations(group, 2)), RARE)
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
