"""Lines of keys in a gate.toml, for the words of a fault."""

import pytest

from edge.toml_lines import line_of

TEXT = """# a gate
[gate]
site = "lakeside"  # name = "not here"

[[device]]
id = "one"

[[device]]
"id" = "two"
url = '''
not = "a key of the table, but a line of a text"
'''

[[lane]]
id = "in-1"
barrier.device = "io"

[[lane]]
id = "in-2"
readers = [
    "one",
]

[lane.barrier]
open = { coil = 0, pulse_ms = 500 }

[lane.barrier.open_limit]
input = 0
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("gate",), 2),
        (("gate", "site"), 3),
        (("gate", "name"), 2),  # not there: its table
        (("device", 0, "id"), 6),
        (("device", 1), 8),
        (("device", 1, "id"), 9),
        (("device", 1, "url"), 10),
        (("lane", 0, "barrier", "device"), 16),
        (("lane", 1, "readers", 0), 20),
        (("lane", 1, "barrier", "open", "pulse_ms"), 25),
        (("lane", 1, "barrier", "open_limit", "input"), 28),
        (("lane", 1, "barrier", "closed_limit"), 24),
        (("mqtt",), 1),
        ((), 1),
    ],
)
def test_where_a_key_stands(where: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, where) == line
