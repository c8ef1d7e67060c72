"""What a site has set, as its gates are told: who counts the uses of passes, how strictly, and what booths go by."""

from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from access.contract.records import AnyRecord, PassRecord, VisitRecord
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.places import settings
from central.places.at_booth import settings_record
from central.places.settings import SettingsShown, SiteSettings
from central.registry import Work
from central.sites.existing import existing_site
from central.sites.services import site_record
from central.tables import RuleChange, Site

_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


def change_settings(work: Work, site_id: UUID, wanted: SiteSettings, seen: int | None = None) -> SettingsShown:
    """Make the settings of a site what is wanted (see `settings.change_settings`), and tell gates what is otherwise for them."""
    site = existing_site(work, site_id, changing=True)
    before, home = _told(work, site), settings.settings_of(work.session, site.id).home_gate
    shown = settings.change_settings(work, site_id, wanted, seen)
    counted = _counted_by_the_site(work, site.id) if shown.home_gate != home else []
    moved = [record.model_copy(update={"home": shown.home_gate}) for record in counted]
    known, coming = (*before, *counted), (*_told(work, site), *moved)
    stream.publish(work.session, site, before=told_to(EVERYONE, known), after=told_to(EVERYONE, coming))
    return shown


def _told(work: Work, site: Site) -> tuple[AnyRecord, ...]:
    return site_record(site), settings_record(work.session, site.id)


def _counted_by_the_site(work: Work, site_id: UUID) -> list[AnyRecord]:
    """Return the passes and visits that gates know and that name no gates of their own."""
    living = (RuleChange.site_id == site_id, RuleChange.to_revision.is_(None), RuleChange.data.is_not(None))
    query = select(RuleChange.data).where(*living, RuleChange.kind.in_(("visit", "pass")))
    told = [_record.validate_json(data or "") for data in work.session.scalars(query)]
    return [record for record in told if isinstance(record, VisitRecord | PassRecord) and not record.lanes]
