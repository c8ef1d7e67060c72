"""What the office changes after gates have told of it: as a slip that it releases more on."""

from typing import Final
from uuid import UUID

import structlog

from central.ledger import repository
from central.ledger.judging import judge
from central.ledger.tables import ConflictOffice
from central.registry import Registry

CHANGES_PER_TURN: Final = 500
log = structlog.get_logger("central.ledger")


def look_at_office(registry: Registry) -> bool:
    """Judge anew what hangs on the records of the office's next changes; tells whether there were any.

    What a fault of ours stops is logged and left, so that it holds up nothing; a further change of it is looked at again.
    """
    with registry.read() as work:
        turn = repository.office_turn(work.session)
        changes = repository.changes(work.session, turn.through if turn else 0, CHANGES_PER_TURN)
        named = list(dict.fromkeys((site, record) for _, site, record in changes if site is not None))
        touched = [(site, record) for site, record in named if repository.topics_about(work.session, site, record)]
    if not changes:
        return False
    for site, record in touched:
        try:
            _judge(registry, site, record)
        except Exception:
            log.exception("a change of the office could not be looked at", record=str(record))
    with registry.write() as work:
        now = repository.office_turn(work.session)
        if now is None:
            work.session.add(ConflictOffice(id=1, through=changes[-1][0]))
        else:
            now.through = max(now.through, changes[-1][0])
    return True


def _judge(registry: Registry, site: UUID, record: UUID) -> None:
    with registry.write() as work:
        repository.take_turn(work.session, site)
        judge(work, site, dict.fromkeys(repository.topics_about(work.session, site, record), ()))
