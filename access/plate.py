"""Plates: normal form, grammar of Chinese kinds (after the public GA 36 and GA 36-like series), look-alike characters.

The raw text is always kept by the caller; everything here works on the normal form.
"""

import re
import unicodedata
from dataclasses import dataclass

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SERIAL = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"  # the serial part has neither I nor O
PLATE_LENGTH_MAX = 12

# Letters of other alphabets, and traditional or look-alike province characters, that people and recognisers write for ours.
LOOK_ALIKES = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅ院粵湾蘇滬遼魯贛陝貴雲寧瓊黒",
    "ABEZHIKMNOPTYXABEKMHOPCTYXIJS皖粤湘苏沪辽鲁赣陕贵云宁琼黑",
)
SEPARATORS = re.compile(r"[\s·•・．.\-_—–‧∙|/]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of plate: its name, the pattern of its normal form, and the colours it is made in."""

    name: str
    pattern: re.Pattern[str]
    colours: tuple[str, ...]


def _kind(name: str, pattern: str, *colours: str) -> Kind:
    """Spell out 省 (a province), 市 (a city letter) and 序 (a serial character) in `pattern`."""
    spelt = pattern.replace("省", f"[{PROVINCES}]").replace("市", "[A-Z]").replace("序", f"[{SERIAL}]")
    return Kind(name, re.compile(spelt), colours)


# Most telling first: the first kind whose pattern fits names the plate.
KINDS: tuple[Kind, ...] = (
    _kind("new-energy-small", r"省市[A-HJK]序\d{4}", "green"),
    _kind("new-energy-large", r"省市\d{5}[A-HJK]", "yellow-green"),
    _kind("police", r"省市序{4}警", "white"),
    _kind("learner", r"省市序{4}学", "yellow"),
    _kind("trailer", r"省市序{4}挂", "yellow"),
    _kind("hong-kong", r"粤Z序{4}港", "black"),
    _kind("macau", r"粤Z序{4}澳", "black"),
    _kind("consulate", r"省市序{4}领", "black"),
    _kind("embassy", r"(?:使\d{6}|\d{6}使)", "black"),
    _kind("emergency", r"省[XS]\d{4}应急", "white"),
    _kind("armed-police", r"WJ省?\d{4}[0-9A-HJ-NP-Z]", "white"),
    _kind("ordinary", r"省市序{5}", "blue", "yellow", "black"),
    _kind("tractor", r"省\d{7}", "green", "yellow"),
    _kind("military", r"[A-HJ-NP-Z]{2}\d{5}", "white"),
)
SUFFIXES = "警学挂港澳领使应急"

# Characters that recognisers and eyes take for one another, by group; the first of a group stands for it in a skeleton.
CONFUSABLE = ("0DQO", "8B", "2Z", "5S", "1ITL7", "6G", "4A", "UV", "MN", "KX", "EF", "CG")
_SKELETON = {character: group[0] for group in reversed(CONFUSABLE[:8]) for character in group}


def normalise(raw: str) -> str:
    """Return the normal form of a plate text: half width, upper case, no separators, I and O of a serial part as 1 and 0."""
    text = unicodedata.normalize("NFKC", raw[:64])
    text = SEPARATORS.sub("", text).upper().translate(LOOK_ALIKES)[:PLATE_LENGTH_MAX]
    if len(text) > 2 and text[0] in PROVINCES:
        return text[:2] + text[2:].replace("I", "1").replace("O", "0")
    return text


def kind_of(text: str) -> str:
    """Name the Chinese kind that the normal form `text` fits, or "" where it fits none."""
    return next((kind.name for kind in KINDS if kind.pattern.fullmatch(text)), "")


def skeleton(text: str) -> str:
    """Fold `text` so that plates which differ only in look-alike characters, or in the province, fold to the same."""
    province = bool(text) and text[0] in PROVINCES
    return ("?" if province else "") + "".join(_SKELETON.get(character, character) for character in text[province:])


def shown(text: str) -> str:
    """Return the plate as people write it, with the dot after the city letter (粤B·12D45)."""
    if len(text) > 3 and text[0] in PROVINCES and text[1].isalpha():
        return f"{text[:2]}·{text[2:]}"
    return text
