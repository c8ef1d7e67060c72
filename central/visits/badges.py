"""What is printed on a visitor's badge."""

from uuid import UUID

from sqlalchemy import select

from access.obligations import OBLIGATIONS
from central.places.settings import settings_of
from central.records import repository as records
from central.registry import Work
from central.tables import Gate
from central.visits.identity import shown_name
from central.visits.schemas import BadgeShown, InBoth, ObligationShown
from central.visits.services import visits
from central.workflows import repository

TITLE = InBoth(zh="访客证", en="Visitor badge")
ALL_GATES = InBoth(zh="全部大门", en="all gates")


def badge(work: Work, visit_id: UUID, code: str) -> BadgeShown:
    """Return the printing data of a visit, with the text of its code; RegistryError 404."""
    row = repository.get(work, visits.workflow.name, visit_id)
    site = records.site(work, row.site_id)
    terms = visits.record(row).terms
    return BadgeShown(
        title=TITLE,
        site=site.name,
        number=row.number,
        code=code,
        visitor=shown_name(row.details),
        category=_category(work, site.id, terms.category.code),
        host=terms.host_name,
        unit=terms.unit,
        # Visits keep their window in the zone of the site.
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        party=terms.party,
        uses=terms.uses,
        gates=list(_gates(work, site.id, terms.gates)),
        all_gates=None if terms.gates else ALL_GATES,
        plates=terms.plates,
        obligations=[_obligation(code) for code in terms.category.obligations],
    )


def _category(work: Work, site_id: UUID, code: str) -> InBoth:
    found = {category.code: category for category in settings_of(work.session, site_id).visitor_categories}.get(code)
    return InBoth(zh=found.zh, en=found.en) if found else InBoth(zh=code, en=code)


def _gates(work: Work, site_id: UUID, slugs: tuple[str, ...]) -> list[str]:
    query = select(Gate.slug, Gate.name).where(Gate.site_id == site_id, Gate.slug.in_(slugs))
    names: dict[str, str] = {row.slug: row.name for row in work.session.execute(query)}
    return [names.get(slug, slug) for slug in slugs]


def _obligation(code: str) -> ObligationShown:
    zh, en = OBLIGATIONS.get(code, (code, code))
    return ObligationShown(code=code, zh=zh, en=en)
