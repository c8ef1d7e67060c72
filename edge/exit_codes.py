"""What a program's exit code tells the supervisor."""

from typing import Final

CANNOT_START: Final = 3
"""Starting it again is of no use: a person must act."""
