"""The job that looks through what gates have sent for what does not go together; nothing else waits for it."""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import structlog

from central.jobs import repeated
from central.ledger.judging import keep
from central.ledger.office import look_at_office
from central.ledger.reading import StoppedError, next_piece
from central.ledger.repository import Epoch
from central.registry import Registry

EVERY_S: Final = 2.0
PIECES_PER_RUN: Final = 100
log = structlog.get_logger("central.ledger")


@dataclass
class Round:
    """Where a process is on its way round the epochs: each has its turn, however much another brings."""

    last: Epoch | None = None


def look_through(registry: Registry, pieces: int = PIECES_PER_RUN, round_: Round | None = None) -> int:
    """Look through what nobody has yet, so many pieces at most, each a short transaction of its own; returns how many it was.

    An epoch that a fault of ours stops holds up no other; it is tried again the next time.
    """
    stopped: set[Epoch] = set()
    round_ = round_ or Round()
    for count in range(pieces):
        try:
            if not _look(registry, stopped, round_):
                return count
        except StoppedError as error:
            log.exception("entries could not be looked through", what=str(error))
            stopped.add(error.epoch)
    return pieces


def _look(registry: Registry, stopped: Collection[Epoch], round_: Round) -> bool:
    """Look through one piece; tells whether there was one. Raises StoppedError."""
    with registry.read() as work:
        piece = next_piece(work, stopped, round_.last)
    if piece is None:
        return False
    round_.last = piece.edge, piece.epoch
    try:
        with registry.write() as work:
            keep(work, piece)
    except Exception as error:
        raise StoppedError(piece.edge, piece.epoch) from error
    return True


def ledger(registry: Registry, every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Keep the ledger up to what gates have sent while the block lasts."""
    round_ = Round()

    def act() -> None:
        look_through(registry, round_=round_)
        look_at_office(registry)

    return repeated("conflict ledger", act, every_s)
