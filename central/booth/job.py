"""The job that lets the registry's records follow what guards did at booths; nothing else waits for it."""

from contextlib import AbstractContextManager
from typing import Final

from central.booth.following import follow
from central.booth.reading import next_piece
from central.jobs import repeated
from central.pieces import Round, work_through
from central.registry import Registry

JOB: Final = "records that follow booths"
EVERY_S: Final = 1.0
PIECES_PER_RUN: Final = 10


def follow_booths(registry: Registry, pieces: int = PIECES_PER_RUN, round_: Round | None = None) -> int:
    """Follow what nobody has yet, so many pieces at most; returns how many it was."""
    return work_through(registry, JOB, pieces, round_ or Round(), next_piece, follow)


def following_booths(
    registry: Registry, every_s: float = EVERY_S, first_after_s: float | None = None
) -> AbstractContextManager[None]:
    """Keep the records up to what guards do while the block lasts."""
    round_ = Round()

    def act() -> bool:
        # After weeks offline much comes at once: there is no waiting until it is done.
        return follow_booths(registry, round_=round_) == PIECES_PER_RUN

    return repeated(JOB, act, every_s, first_after_s, registry.database.alone)
