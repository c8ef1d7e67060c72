"""`python -m tests.access.rules.write_reasons`: write docs/reasons.md anew, after the code and the tables of the rules."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

from access.obligations import OBLIGATIONS
from access.reasons import GATES_OWN, REASONS, WHYS
from access.rules import RULES
from access.words import Words
from tests.access.rules.world import Table, decided

DOCUMENT = Path(__file__).parents[3] / "docs" / "reasons.md"
HEAD = """# Reasons, obligations, and a guard's reasons

Every decision has one reason: a stable code with one outcome, and a sentence in Chinese and in English. What stands in braces is
filled in. Journals, pages and exports keep the code and the values; the sentence is made when somebody reads it, so old entries
can be read in both languages, and what is erased shows as a dash. A code is never used for another thing: one that is no longer
come to stays, so that old entries read as ever.

This page is written by `python -m tests.access.rules.write_reasons`. What the rules look at, and how to add one, is in
[rules](rules.md).
"""
NO_RULE = "No rule objects"
GATE = "The gate's own"


OBLIGED = "What must be done beside letting pass or not. A site's own code on a visit is shown as it is."
GUARDS = "Why a guard opens, lets in or turns away; the guard's own words may follow."


def page() -> str:
    """Return the whole page."""
    obligations = _words("Obligations", OBLIGED, OBLIGATIONS)
    return "\n".join(chain([HEAD], _reasons(), obligations, _words("A guard's reasons", GUARDS, WHYS)))


def rules_of() -> dict[str, str]:
    """Return the rule that comes to each reason, as the tables of the rules show it; "" where no rule objected."""
    found: dict[str, str] = {}
    for rule in RULES:
        table: Table = import_module(f"tests.access.rules.test_{rule}").TABLE
        for given, shown, expected in table.values():
            last = decided(given, shown).explanation.steps[-1]
            found[expected.reason] = last.rule if last.concluded and last.rule in RULES else ""
    return found


def _reasons() -> Iterator[str]:
    of = rules_of()
    parts = [(f"{number} `{rule}`", [code for code in REASONS if of.get(code) == rule]) for number, rule in enumerate(RULES, 1)]
    parts += [
        (NO_RULE, [code for code in REASONS if of.get(code) == ""]),
        (GATE, [code for code in REASONS if code in GATES_OWN]),
    ]
    yield "## Reasons\n"
    for heading, codes in parts:
        rows = ((f"`{code}`", REASONS[code].outcome, REASONS[code].zh, REASONS[code].en) for code in codes)
        yield f"### {heading}\n"
        yield _table(("code", "outcome", "中文", "English"), rows)


def _words(heading: str, about: str, words: Words) -> Iterator[str]:
    rows = ((f"`{code}`", zh, en) for code, (zh, en) in words.items())
    yield f"## {heading}\n\n{about}\n"
    yield _table(("code", "中文", "English"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
