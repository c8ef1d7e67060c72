"""An act of a guard with a record, before it is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from access.immutable import immutable
from access.presence import Change

Changes = tuple[Change, ...]


@immutable
class Act:
    """What a guard does: see `access.acts.ActedUpon`; `lane` is what the presence calls the lane of the post (its id)."""

    kind: str
    identity: str
    name: str
    values: Mapping[str, Any]
    lane: str
    at: datetime
