"""The job that looks through what gates have sent for what does not go together; nothing else waits for it."""

from contextlib import AbstractContextManager
from typing import Final

from central.jobs import repeated
from central.ledger.judging import keep
from central.ledger.office import look_at_office
from central.ledger.reading import next_piece
from central.pieces import Round, work_through
from central.registry import Registry

JOB: Final = "conflict ledger"
EVERY_S: Final = 2.0
PIECES_PER_RUN: Final = 100


def look_through(registry: Registry, pieces: int = PIECES_PER_RUN, round_: Round | None = None) -> int:
    """Look through what nobody has yet, so many pieces at most; returns how many it was."""
    return work_through(registry, JOB, pieces, round_ or Round(), next_piece, keep)


def ledger(registry: Registry, every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Keep the ledger up to what gates have sent while the block lasts."""
    round_ = Round()

    def act() -> None:
        look_through(registry, round_=round_)
        look_at_office(registry)

    return repeated(JOB, act, every_s, alone=registry.database.alone)
