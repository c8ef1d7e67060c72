"""What was noted in a piece of work is put on the chain of the audit at its very end, before the commit.

There is one chain, and its head is one row: whoever holds it keeps all others who change something waiting. So it is taken last,
when everything else is written, and nothing is asked of the database behind it: nobody waits for more than a commit, and two who
wait for one another cannot be.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from access.chance import Chance
from central.audit.chain import GENESIS, SALT_BYTES, chained
from central.audit.tables import AuditEntry
from central.records.many import insert_many
from central.tree.ends import AUDIT, advance, locked_end

NOTED: Final = "noted for the audit"
MARKS: Final = "how much was noted before savepoints"
Noted = dict[str, Any]


def put(session: Session, entry: Noted, rng: Chance) -> None:
    """Have an entry written down with its chain columns when this work is committed; what is taken back takes it back too."""
    session.info.setdefault(NOTED, []).append((entry, rng(SALT_BYTES)))


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(NOTED):
        return
    session.flush()
    noted: list[tuple[Noted, bytes]] = session.info.pop(NOTED)
    end = locked_end(session, AUDIT, GENESIS)
    seq, head, rows = end.size, end.head, []
    for entry, salt in noted:
        seq += 1
        row = entry | chained(head, seq, entry, salt)
        head = row["chain_hash"]
        rows.append(row)
    insert_many(session, AuditEntry, rows)
    advance(session, AUDIT, seq, head)


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(MARKS, WeakKeyDictionary())
        marks[transaction] = len(session.info.get(NOTED, ()))


@event.listens_for(Session, "after_soft_rollback")
def _take_back(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested and NOTED in session.info:
        del session.info[NOTED][session.info[MARKS][transaction] :]
