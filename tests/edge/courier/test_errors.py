"""Which refusals are about what was sent, so that sending it again would not help."""

import pytest

from edge.courier.errors import RefusalError


@pytest.mark.parametrize(
    ("status", "field", "is_for_good"),
    [
        (400, "entries", True),
        (404, "command", True),
        (409, "command", True),
        (410, "command", True),
        (413, "body", True),
        (422, "sha256", True),
        (404, None, False),  # a registry of another version, which does not know the question
        (422, None, False),
        (422, "", False),
        (409, "sequence", False),  # about the request's number, not about what it carried
        (401, "edge", False),
        (403, "edge", False),  # it may be approved yet
        (429, "body", False),
        (500, "body", False),
        (503, None, False),
    ],
)
def test_a_refusal_is_for_good_where_the_registry_names_what_it_cannot_take(
    status: int, field: str | None, is_for_good: bool
) -> None:
    facts = {} if field is None else {"field": field}
    assert RefusalError(status, facts).is_for_good is is_for_good
