"""Words of this place; marked for translation, translated where they are shown."""

from collections.abc import Mapping

from edge.desk.words import N_

TITLE = N_("Visitors")
REFUSALS: Mapping[str, str] = {}


def marked() -> set[str]:
    """Return every text that this module marks for translation."""
    return {TITLE, *REFUSALS.values()}
