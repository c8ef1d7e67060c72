"""Nothing leaves that nobody has thought of: each text of each reply is marked, or declared to be personal to nobody."""

from typing import Any

from central.app import with_routes
from central.kinds import KINDS
from central.masking.leaving import is_masked
from central.masking.names import NAMED, OF_NOBODY
from central.masking.walk import marks_of
from tests.central.masking.plain import FIELDS, NAMES
from tests.central.masking.shapes import routes, texts


def test_each_text_is_personal_of_a_kind_or_plainly_not() -> None:
    undeclared = {at for at, is_marked in texts().items() if not is_marked}
    assert {at for at in undeclared if at not in FIELDS and at.rpartition(".")[2] not in NAMES} == set()
    assert set(texts()) >= FIELDS, "what is no more goes from the list"


def test_each_operation_replies_through_the_mask() -> None:
    with_routes()
    assert [route.path for route in routes() if not is_masked(route.endpoint)] == []


def test_what_is_marked_is_masked_in_the_audit_too() -> None:
    names = {at.rpartition(".")[2] for at, is_marked in texts().items() if is_marked}
    # Of these the audit holds only words, which are masked as such.
    unknown = names - set(NAMED) - {"before", "after", "data", "wanted", "replaces"}
    assert unknown <= OTHERWISE


def test_records_of_nobody_have_no_marks() -> None:
    assert OF_NOBODY - {"sites"} <= {kind.kind for kind in KINDS}
    for kind in (each for each in KINDS if each.kind in OF_NOBODY):
        shape: Any = kind.shown
        assert not any(marks_of(shape).values()), kind.kind


OTHERWISE = frozenset(
    [
        "source",
        "destination",
        "waits_where",
        "follow_up",
        "detail",
        "works",
        "open_items",
        "credential",
        "personal",
        "pictures",
        "number",
        "code",
        "text",
        "zh",
        "en",
        "visitor",
        "note",
    ]
)
