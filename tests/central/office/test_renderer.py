"""What a gate sends is shown as text, also where it is none of the codes that we have words for."""

import pytest

from access.words import LANGUAGES
from central.office.renderer import _environment

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_outcome_is_escaped(language: str) -> None:
    parts = _environment(language).get_template("parts.html").module
    shown = str(parts.outcome(HOSTILE))  # type: ignore[attr-defined]  # a macro of the template
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
