"""What gates are told of a quota: one record with the times of its spaces, told anew when the quota or a space of it changes."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.contract.records import QuotaRecord, Space
from central.access_rules import repository as rules
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.errors import RegistryError
from central.records.turns import take_turn
from central.records.validity import epoch_s
from central.registry import Work
from central.spaces import repository
from central.spaces.tables import Quota
from central.tables import Site

TOUCHED: Final = "quotas touched"
SPACES_MAX: Final = 1000  # of a record that gates read


def touch(work: Work, *quotas: UUID | None) -> None:
    """Note that these quotas may be another now."""
    touched: set[UUID] = work.session.info.setdefault(TOUCHED, set())
    touched.update(quota for quota in quotas if quota is not None)


def tell_touched(work: Work, site: Site) -> None:
    """Tell gates what has become of the quotas that were touched; RegistryError 409 where one has too many spaces."""
    touched = sorted(work.session.info.pop(TOUCHED, ()))
    if not touched:
        return
    work.session.flush()
    take_turn(work.session, site.id)
    known = [QuotaRecord.model_validate_json(row.data or "") for row in rules.living(work.session, site.id, "quota", touched)]
    wanted = [_record(work.session, quota) for quota in repository.quotas_of(work.session, touched)]
    stream.publish(work.session, site, before=told_to(EVERYONE, known), after=told_to(EVERYONE, wanted))


def _record(session: Session, quota: Quota) -> QuotaRecord:
    spaces = repository.spaces_of(session, quota.id)
    if len(spaces) > SPACES_MAX:
        raise RegistryError("a quota has at most {most} spaces", 409, "quota", most=SPACES_MAX)
    times = tuple(Space(valid_from=epoch_s(each.valid_from), valid_until=epoch_s(each.valid_until)) for each in spaces)
    return QuotaRecord.model_validate({"id": quota.id, "name": quota.name, "over": quota.over, "spaces": times})
