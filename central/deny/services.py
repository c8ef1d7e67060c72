"""Drawing the deny list from the rules stream."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from access.contract.deny import DENIED_MAX, Denied, DenyList
from access.contract.sync import Tombstone
from central.access_rules.repository import revision
from central.errors import RegistryError
from central.registry import Work
from central.sites.repository import site_by_slug
from central.tables import RuleChange

WITHDRAWN = ("card", "vehicle", "person", "pass_key")  # when they are not active any more, or gone
_ACTIVE = '%"status":"active"%'  # in a text of ours; within a value of it quotes are escaped
_denied: TypeAdapter[Denied] = TypeAdapter(Denied)


def deny_list(work: Work, site_id: UUID, since: int = 0, limit: int = DENIED_MAX) -> DenyList:
    """Return who is denied now by what changed after revision `since`, at most `limit`, those that changed last."""
    current = revision(work.session, site_id)
    rows = _rows(work.session, site_id, since, limit + 1)
    named = rows[:limit]
    return DenyList(
        site=site_id,
        serial=round(work.at.timestamp() * 1_000_000),
        revision=current,
        complete=len(rows) == len(named),
        denied=tuple(_denied.validate_json(row.data) for row in named if row.data is not None),
        gone=tuple(Tombstone(revision=row.from_revision, kind=row.kind, id=row.record_id) for row in named if row.data is None),
    )


def deny_list_of(work: Work, slug: str) -> DenyList:
    """Return the whole deny list of a site by its slug; RegistryError 404."""
    site = site_by_slug(work.session, slug)
    if site is None:
        raise RegistryError("there is no site {site}", 404, "site", site=slug)
    return deny_list(work, site.id)


def _rows(session: Session, site_id: UUID, since: int, limit: int) -> Sequence[RuleChange]:
    blocked = and_(RuleChange.kind == "block", RuleChange.data.is_not(None))
    withdrawn = and_(RuleChange.kind.in_(WITHDRAWN), or_(RuleChange.data.is_(None), RuleChange.data.not_like(_ACTIVE)))
    query = (
        select(RuleChange)
        .where(
            RuleChange.site_id == site_id,
            RuleChange.to_revision.is_(None),
            RuleChange.from_revision > since,
            or_(blocked, withdrawn),
        )
        .order_by(RuleChange.from_revision.desc())
        .limit(limit)
    )
    return session.scalars(query).all()
