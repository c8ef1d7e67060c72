"""Values that nobody changes: the type checker sees to it, so that making one takes a sixth of the time at run time.

A decision makes some ten of them; an ordinary frozen dataclass calls `object.__setattr__` for each of their fields.
"""

from dataclasses import dataclass
from typing import TypeVar

from typing_extensions import dataclass_transform

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True)
def immutable(made: type[Made]) -> type[Made]:
    """Make a class a dataclass with slots, equality and a hash; to assign to its fields is an error of types."""
    return dataclass(slots=True, unsafe_hash=True)(made)
