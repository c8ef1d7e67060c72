"""Why, in words: the sentence of an entry in each language."""

from collections.abc import Mapping
from typing import Any

from access.reasons import REASONS, sentence
from access.words import LANGUAGES

GUARD_SENTENCES = {"open_once": "guard_opened", "admit": "guard_admitted", "refuse": "guard_refused"}

OBSERVATIONS: Mapping[str, tuple[str, str]] = {
    "arm_up_at_start": ("启动时闸杆已抬起", "the arm was up when the program started"),
    "tailgating": ("尾随:一次放行后又有车通过", "tailgating: a second vehicle followed"),
    "loop_without_grant": ("未放行而有车通过", "a vehicle passed without being let in"),
    "opened_by_others": ("闸杆被其他方式抬起(如遥控器)", "the arm was raised by other means (its remote control)"),
    "door_forced": ("门被强行打开", "the door was forced"),
}


def explained(kind: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence of an entry by language; empty where it needs none."""
    return {language: _explained(kind, fields, language) for language in LANGUAGES}


def _explained(kind: str, fields: Mapping[str, Any], language: str) -> str:
    if kind == "decision":
        return sentence(fields.get("reason", ""), fields.get("values"), language)
    if kind == "guard":
        values = {"why": fields.get("reason", ""), "words": fields.get("words", "")}
        told = sentence(GUARD_SENTENCES.get(fields.get("act", ""), fields.get("act", "")), values, language)
        return told if fields.get("accepted", True) else f"{told} ✕ {fields.get('refusal', '')}"
    if kind == "observation":
        return _word(OBSERVATIONS, fields.get("what", ""), language)
    return ""


def reason_choices(language: str) -> list[tuple[str, str]]:
    """Return every reason code that can be searched for, with its sentence short of values."""
    codes = [(code, sentence(code, {}, language)) for code in REASONS]
    return codes + [(code, _word(OBSERVATIONS, code, language)) for code in OBSERVATIONS]


def _word(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    known = words.get(code)
    return code if known is None else known[LANGUAGES.index(language)]
