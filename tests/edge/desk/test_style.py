"""The booth is read in glare and in the dark: its colours keep a contrast of 7:1 (WCAG 2, relative luminance) in both themes."""

import re
from pathlib import Path

import pytest

from edge.desk.app import STATIC

STYLE = (STATIC / "booth.css").read_text(encoding="utf-8")
PAIRS = [
    *((text, ground) for text in ("ink", "ink-soft", "accent", "good", "bad", "ask") for ground in ("ground", "surface")),
    ("ink", "ask-ground"),
    ("ask", "ask-ground"),
    ("bad", "ask-ground"),
    ("accent-ink", "accent"),
]


def tokens(theme: str) -> dict[str, str]:
    """Return the colour tokens of a theme; the dark one changes what the light one sets."""
    light, dark, _ = themes()
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark if theme == "dark" else light))


def themes() -> list[str]:
    """Return what the light theme sets, the dark one by choice, and the dark one by the browser's setting."""
    return re.findall(r"^ *(?::root, \.light|\.dark|:root:not\(\.light, \.dark\)) \{(.*?)\}", STYLE, re.DOTALL | re.MULTILINE)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 7


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_the_hatch(theme: str) -> None:
    colours = tokens(theme)
    hatches = [re.search(r"--hatch: [^;]*", told) for told in themes()]
    hatch = hatches[theme == "dark"]
    assert hatch is not None
    for stripe in re.findall("#[0-9a-f]{6}", hatch[0]):
        assert contrast(colours["on-hatch"], stripe) >= 7


def test_the_dark_theme_is_one_by_choice_and_by_the_browsers_setting() -> None:
    light, chosen, by_setting = ([line.strip() for line in told.strip().splitlines()] for told in themes())
    assert chosen == by_setting
    assert [line.partition(":")[0] for line in chosen] == [line.partition(":")[0] for line in light]


def test_nothing_is_fetched_from_elsewhere() -> None:
    for file in filter(Path.is_file, STATIC.iterdir()):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text
        assert "@import" not in text
