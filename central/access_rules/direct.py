"""Whether a piece of work may write rules at all: within a rules change it may, whatever the site wants of others."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from central.actors import REGISTRY, Actor
from central.registry import Work

WRITING = "rules written by a rules change"
# At the machine a site is set up; there is nobody else to ask.
MACHINE = "machine"


@contextmanager
def writing_rules(session: Session) -> Iterator[None]:
    """Let rules be written within the block as what a rules change does, or what the law has announced."""
    session.info[WRITING] = True
    try:
        yield
    finally:
        del session.info[WRITING]


def is_direct(work: Work) -> bool:
    """Tell whether somebody of the office writes by himself: not by a rules change, nor at the machine, nor the registry."""
    return WRITING not in work.session.info and not _is_ours(work.actor)


def _is_ours(actor: Actor) -> bool:
    return actor.role in (MACHINE, REGISTRY.role)
