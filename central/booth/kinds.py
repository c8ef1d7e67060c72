"""The kinds of entries that tell of guards' acts at booths, and the workflow that each of them moves."""

from collections.abc import Mapping
from typing import Final

from access.acts import ACTED

KINDS: Final = frozenset(ACTED)
PASSAGE: Final = "passage"
# What stands in the bytes of a passage that changes where a duplicate hangs, or how many of a party are inside.
ABOUT_A_RECORD: Final = (b"held:", b"party:")
WORKFLOW_OF: Final[Mapping[str, str]] = {
    "visit": "visit",
    "pass": "contractor_pass",
    "slip": "release_slip",
    "shift": "shift",
    "incident": "incident",
}
