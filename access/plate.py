"""Plates: normal form and grammar of the Chinese kinds.

Number forms after the public GA 36 (motor vehicles, up to its edition of 2018), NY 345 (tractors) and the series of the forces;
what is only custom is said beside it. Plates of other countries and of bicycles are in `access.plate_countries`. The raw text is
always kept by the caller; everything here works on the normal form.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
SERIAL = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"  # the serial part has neither I nor O
PLATE_LENGTH_MAX = 12
RAW_LENGTH_MAX = 64
UNKNOWN = "?"  # on no plate

# Letters of other alphabets that look like ours, and traditional or variant forms of the characters on plates. What is only
# misread for one of them (院 for 皖) is no other spelling of it: such a reading differs from the plate on record, and asks.
LOOK_ALIKES = str.maketrans(
    "|ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІӀЈЅԚԜҮѴ粵蘇滬遼魯贛贑陝陜貴雲寧甯瓊黒兾晉閩靑蔵學掛領應臨試",
    "IABEZHIKMNOPTYXABEKMHOPCTYXIIJSQWYV粤苏沪辽鲁赣赣陕陕贵云宁宁琼黑冀晋闽青藏学挂领应临试",
)
SEPARATORS = re.compile(r"""[\s·•●°。・⋅ㆍ․．.\-‐‑‒–—―−‧∙◦⸱᛫ー~,、/\\:∶'’"“”()\[\]{}<>【】〔〕「」《》]+""")
# Separators behind the city letter only: anywhere else readers write them for a character that they could not read.
_UNREAD = re.compile(rf"(?<=^[{PROVINCES}][A-Z])[*_]|([*_])")
_UNSEEN = {"Cc", "Cf", "Mn", "Mc", "Me"}  # controls, marks of direction and width, combining marks
_SERIAL_DIGITS = str.maketrans("IO", "10")
# What stands before the part that has neither I nor O. Where nothing but the form tells a plate from one of another country, at
# least the first digit was read as one, and a British ending (two digits, three letters) is left alone.
_HEADS = (
    rf"[{PROVINCES}](?=[IO\d]{{7}}$)",  # a tractor's
    f"临?[{PROVINCES}][A-Z]?",
    f"WJ警?[{PROVINCES}]|WJ警",
    r"WJ(?=[IO\d]{7}$|\d(?!\d[A-Z]{3})[IO\d]{3}[A-Z\d]$)",
    r"[A-HJ-NP-Z]{2}(?=\d(?!\d[IO]{3})[IO\d]{4}$)",  # of the forces
    "使|(?=.*使$)",
)
_CHINESE_HEAD = re.compile("|".join(_HEADS), re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of plate: its name, the pattern of its normal form, the colours and the numbers of rows it is made in."""

    name: str
    pattern: re.Pattern[str]
    colours: tuple[str, ...]
    rows: tuple[int, ...]


def _kind(name: str, pattern: str, *colours: str, rows: tuple[int, ...] = (1,)) -> Kind:
    """Spell out 省 (a province), 市 (a city letter) and 序 (a serial character) in `pattern`.

    A pattern keeps to characters, sets, groups of alternatives, `?` and `{n}`: readers unfold it position by position.
    """
    spelt = pattern.replace("省", f"[{PROVINCES}]").replace("市", "[A-Z]").replace("序", f"[{SERIAL}]")
    return Kind(name, re.compile(spelt, re.ASCII), colours, rows)


# Most telling first: the first kind whose pattern fits names the plate. The last ones share the ordinary number form and are told
# apart by their colour alone; a motorcycle's plate differs from a car's in nothing but size and rows.
KINDS: tuple[Kind, ...] = (
    _kind("new-energy-small", r"省市[A-HJK]序\d{4}", "green"),
    _kind("new-energy-large", r"省市\d{5}[A-HJK]", "yellow-green"),
    _kind("police", r"省市序{4}警", "white"),
    _kind("learner", r"省市序{4}学", "yellow"),
    _kind("trailer", r"省市序{4}挂", "yellow", rows=(2,)),
    _kind("hong-kong", r"粤Z序{4}港", "black"),
    _kind("macau", r"粤Z序{4}澳", "black"),
    _kind("consulate", r"省市序{4}领", "black"),
    _kind("embassy", r"(?:使\d{6}|\d{6}使)", "black"),
    _kind("emergency", r"省[XS]\d{4}应急", "white"),
    _kind("armed-police", r"(?:WJ警?省?\d{4}序|WJ\d{7})", "white", rows=(1, 2)),  # the second: before 2012
    # A paper behind the windscreen; cameras and offices write 临 before or behind its number. 试 and 超: on test, oversize.
    _kind("temporary", r"(?:临省市序{5}|省市序{5}临|省市序{4}[临试超])", "white"),
    _kind("ordinary", r"省市序{5}", "blue", "yellow", "black", rows=(1, 2)),
    _kind("tractor", r"省\d{7}", "green", "yellow", rows=(2,)),
    _kind("military", r"[A-HJ-NP-Z]{2}\d{5}", "white", rows=(1, 2)),
    _kind("small", r"省市序{5}", "blue"),
    _kind("large", r"省市序{5}", "yellow", rows=(1, 2)),
    _kind("foreign", r"省市序{5}", "black"),
    _kind("motorcycle", r"省市序{5}", "yellow", "blue", rows=(2,)),
)
MOTOR = frozenset(kind.name for kind in KINDS)

# Cities number e-bikes each in its own way; this form is the commonest. It is none of KINDS: a reader that expected it would take
# the letter of a new-energy plate for a digit.
_ELECTRIC_BICYCLE = _kind("electric-bicycle", r"省市\d{6}", "white", "green")
SUFFIXES = "警学挂港澳领使应急临试超"

# Characters that recognisers and eyes take for one another, by group; the first of a group stands for it in a skeleton.
CONFUSABLE = ("0DQO", "8B", "2Z", "5S", "1ITL7", "6G", "4A", "UV")
_SKELETON = str.maketrans({character: group[0] for group in CONFUSABLE for character in group})


@lru_cache(maxsize=4096)
def normalise(raw: str) -> str:
    """Return the normal form of a plate text: half width, upper case, our alphabet, no separators, at most PLATE_LENGTH_MAX long.

    In the serial part of Chinese plates, where the form leaves no doubt that it is one, and only there, I and O become 1 and 0.
    What cannot be on a plate stays, and what is too long for one ends in UNKNOWN: so neither becomes equal to another plate.
    """
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw[:RAW_LENGTH_MAX]).upper())
    seen = "".join(character for character in SEPARATORS.sub("", wide) if unicodedata.category(character) not in _UNSEEN)
    encodable = seen.encode(errors="replace").decode()  # half a surrogate pair becomes UNKNOWN
    text = _UNREAD.sub(_unread, unicodedata.normalize("NFKC", encodable).translate(LOOK_ALIKES))
    if len(raw) > RAW_LENGTH_MAX or len(text) > PLATE_LENGTH_MAX:
        text = text[: PLATE_LENGTH_MAX - 1] + UNKNOWN
    head = _CHINESE_HEAD.match(text)
    return text[: head.end()] + text[head.end() :].translate(_SERIAL_DIGITS) if head else text


def _unread(found: re.Match[str]) -> str:
    return UNKNOWN if found[1] else ""


@lru_cache(maxsize=4096)
def kind_of(text: str, colour: str = "") -> str:
    """Name the Chinese kind that the normal form `text` fits, "" where it fits none; `colour` tells kinds of one form apart."""
    fitting = [kind for kind in (*KINDS, _ELECTRIC_BICYCLE) if kind.pattern.fullmatch(text)]
    of_colour = [kind for kind in fitting if kind.colours == (colour,)]
    return next((kind.name for kind in of_colour + fitting), "")


@lru_cache(maxsize=4096)
def colours_of(text: str) -> frozenset[str]:
    """Return the colours that a plate with the normal form `text` can have; empty where it fits no Chinese kind."""
    return frozenset(colour for kind in KINDS if kind.pattern.fullmatch(text) for colour in kind.colours)


def skeleton(text: str) -> str:
    """Fold `text` so that plates which differ only in look-alike characters, or in the province, fold to the same."""
    province = bool(text) and text[0] in PROVINCES
    return ("?" if province else "") + text[province:].translate(_SKELETON)


def shown(text: str) -> str:
    """Return the plate as people write it, with the dot after the city letter (粤B·12D45)."""
    city = text.startswith("临") + 1
    if len(text) > city + 2 and text[city - 1] in PROVINCES and text[city].isalpha():
        return f"{text[: city + 1]}·{text[city + 1 :]}"
    return text
