"""The job that lets the registry's records follow what guards did at booths; nothing else waits for it."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from central.booth.following import follow
from central.booth.reading import Piece, next_piece
from central.booth.repository import Epoch
from central.jobs import repeated
from central.registry import Registry

EVERY_S: Final = 1.0
PIECES_PER_RUN: Final = 10
log = structlog.get_logger("central.booth")


@dataclass
class Round:
    """Where a process is on its way round the edges: each has its turn, however much another brings."""

    last: UUID | None = None


def follow_booths(registry: Registry, pieces: int = PIECES_PER_RUN, round_: Round | None = None) -> int:
    """Follow what nobody has yet, so many pieces at most, each a short transaction of its own; returns how many it was.

    An epoch that a fault of ours stops holds up no other; it is tried again the next time.
    """
    stopped: set[Epoch] = set()
    round_ = round_ or Round()
    for count in range(pieces):
        piece = _piece(registry, stopped, round_)
        if piece is None:
            return count
        round_.last = piece.epoch[0]
        try:
            with registry.write() as work:
                follow(work, piece)
        except Exception:
            log.exception("acts of guards could not be followed", edge=str(piece.epoch[0]), epoch=str(piece.epoch[1]))
            stopped.add(piece.epoch)
    return pieces


def _piece(registry: Registry, stopped: Collection[Epoch], round_: Round) -> Piece | None:
    with registry.read() as work:
        return next_piece(work, stopped, round_.last)


def following_booths(
    registry: Registry, every_s: float = EVERY_S, first_after_s: float | None = None
) -> AbstractContextManager[None]:
    """Keep the records up to what guards do while the block lasts."""
    round_ = Round()

    def act() -> bool:
        # After weeks offline much comes at once: there is no waiting until it is done.
        return follow_booths(registry, round_=round_) == PIECES_PER_RUN

    return repeated("records that follow booths", act, every_s, first_after_s)
