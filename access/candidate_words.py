"""Why a candidate is one, as codes with values and in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from access.likeness import Difference, Likeness, often_mixed_up
from access.matching import CHARACTER_SURE, Candidate
from access.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Why:
    """One thing that makes a candidate, or speaks against it: its code and the values of its words."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


WORDS: Mapping[str, tuple[str, str]] = {
    "same": ("车牌相同", "the same plate"),
    "confusable": ("第 {place} 位 {read}/{meant} 形似", "character {place}: {read}/{meant} look alike"),
    "province": ("省份 {read}/{meant} 易混", "province {read}/{meant} mixed up"),
    "other_province": ("省份读作 {read}，登记为 {meant}", "province read as {read}, registered as {meant}"),
    "missing_province": ("没有读到省份 {meant}", "the province {meant} was not read"),
    "missing_end": ("少读了末位 {meant}", "the last character {meant} was not read"),
    "extra_end": ("多读了末位 {read}", "a last {read} too many was read"),
    "score": ("识别 {read} 的置信度只有 {score}", "the reader gave {score} to its {read}"),
    "colour": ("颜色与登记的不符", "its colour is not the registered one"),
    "class": ("车型与登记的不符", "its class is not the registered one"),
    "inside": ("登记的车在场内", "the registered one is inside"),
    "outside": ("登记的车不在场内", "the registered one is not inside"),
}


def whys(candidate: Candidate) -> Iterator[Why]:
    """Yield what makes this a candidate: the differences with what the reader thought of them, then all else that was seen."""
    if not candidate.differs:
        yield Why("same")
    for difference in candidate.likeness.differences:
        yield _of_difference(difference)
        if difference.score is not None and difference.score < CHARACTER_SURE:
            yield Why("score", {"read": difference.read, "score": f"{difference.score:.2f}"})
    for clash in candidate.clashes:
        yield Why(clash)
    if candidate.inside is not None:
        yield Why("inside" if candidate.inside else "outside")


def likeness_in_words(likeness: Likeness, language: str) -> str:
    """Return in `language` (zh or en) what makes two plates alike."""
    return _joined((_of_difference(difference) for difference in likeness.differences), language)


def why_in_words(candidate: Candidate, language: str) -> str:
    """Return in `language` (zh or en) why the candidate is one; places count from 1 in the registered plate."""
    return _joined(whys(candidate), language)


def _of_difference(difference: Difference) -> Why:
    unusual = difference.kind == "province" and not often_mixed_up(difference)
    code = "other_province" if unusual else difference.kind
    return Why(code, {"place": difference.at + 1, "read": difference.read, "meant": difference.meant})


def _joined(whys: Iterable[Why], language: str) -> str:
    worded = (WORDS[why.code][LANGUAGES.index(language)].format_map(why.values) for why in whys)
    return ("，".join if language == "zh" else "; ".join)(worded)
