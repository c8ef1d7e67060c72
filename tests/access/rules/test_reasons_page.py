"""docs/reasons.md says what the code says; and the tables of the rules come to every reason there is."""

from access.reasons import GATES_OWN, REASONS
from tests.access.rules.write_reasons import DOCUMENT, page, rules_of


def test_the_page_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page()


def test_every_reason_stands_in_a_table_of_the_rules_but_for_the_gates_own() -> None:
    assert rules_of().keys() == REASONS.keys() - GATES_OWN
