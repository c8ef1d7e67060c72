"""The kinds of entries that tell of guards' acts at booths, and the workflow that each of them moves."""

from collections.abc import Mapping
from typing import Final

from access.acts import ACTED

KINDS: Final = frozenset(ACTED)
WORKFLOW_OF: Final[Mapping[str, str]] = {
    "visit": "visit",
    "pass": "contractor_pass",
    "slip": "release_slip",
    "shift": "shift",
    "incident": "incident",
}
