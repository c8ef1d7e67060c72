"""How the workflow of permits names a holder: a person or a company by id, anybody else by name."""

import re
from typing import Final

BY_ID: Final = re.compile(r"(person|company):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def field_of(holder: str) -> tuple[str, str]:
    """Return under which field a holder was named, and as what."""
    found = BY_ID.fullmatch(holder)
    return (found[1], found[2]) if found else ("holder", holder)
