"""SQL of where chains end: each end is one row, and who appends holds it until the commit."""

from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.tree.tables import ChainEnd

AUDIT: Final = "audit"
TREE: Final = "tree"


class End(NamedTuple):
    """How many there are, and the hash that stands for them."""

    size: int
    head: bytes


def locked_end(session: Session, name: str, of_none: bytes) -> End:
    """Return where a chain ends, and hold it until the commit; where nothing was appended yet it ends with `of_none`."""
    connection = session.connection()
    values = {"name": name, "size": 0, "head": of_none}
    return End._make(connection.execute(_taken_in(connection.dialect.name), values).one())


def end(session: Session, name: str) -> ChainEnd | None:
    """Return where a chain ends as this session sees it, None where nothing was appended yet."""
    return session.get(ChainEnd, name, populate_existing=True)


def advance(session: Session, name: str, size: int, head: bytes, *, signed: tuple[int, bytes] | None = None) -> None:
    """Note where a chain ends now; `signed`: when, and with which signature."""
    at_us, signature = signed or (None, None)
    statement = ChainEnd.__table__.update().where(ChainEnd.name == name)  # type: ignore[attr-defined]  # a Table
    session.connection().execute(statement.values(size=size, head=head, at_us=at_us, signature=signature))


@cache
def _taken_in(dialect: str) -> Executable:
    """Return the statement that makes the row where it is missing, and locks it in any case."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(ChainEnd)
    locking = statement.on_conflict_do_update(index_elements=["name"], set_={"name": statement.excluded.name})
    return locking.returning(ChainEnd.size, ChainEnd.head)
