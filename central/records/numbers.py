"""Consecutive numbers, each given out once: of passes, slips, visits."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from central.records.tables import Counter
from central.registry import Work


def next_number(work: Work, site_id: UUID, name: str) -> int:
    """Return the next number of this name at the site, from 1; none is left out unless its work fails."""
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    work.session.execute(dialect.insert(Counter).values(site_id=site_id, name=name, last=0).on_conflict_do_nothing())
    counted = update(Counter).where(Counter.site_id == site_id, Counter.name == name).values(last=Counter.last + 1)
    number: int = work.session.scalars(counted.returning(Counter.last), execution_options={"synchronize_session": False}).one()
    return number
