"""What a site's privacy notice says of who answers for the data."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from central.audit import services as audit
from central.privacy.schemas import PrivacySettings, PrivacyShown
from central.privacy.tables import PrivacySettingsRow
from central.records.concurrency import check_seen
from central.registry import Work
from central.sites.existing import existing_site

KIND: Final = "privacy_settings"


def settings_of(session: Session, site_id: UUID) -> PrivacySettings:
    """Return what a site has set."""
    row = session.get(PrivacySettingsRow, site_id)
    return PrivacySettings() if row is None else PrivacySettings.model_validate(row.data)


def get(work: Work, site_id: UUID) -> PrivacyShown:
    """Show what a site has set; RegistryError 404."""
    return _shown(work, existing_site(work, site_id).id)


def change(work: Work, site_id: UUID, wanted: PrivacySettings, seen: int | None = None) -> PrivacyShown:
    """Set it as a whole; RegistryError 404, and 409 unless it is as `seen` (None: any)."""
    site = existing_site(work, site_id, changing=True)
    was, facts = _shown(work, site.id).model_dump(mode="json"), wanted.model_dump(mode="json")
    check_seen(work, KIND, site.id, was, seen, facts)
    row = work.session.get(PrivacySettingsRow, site.id)
    if row is None:
        row = PrivacySettingsRow(site_id=site.id, version=0, data={})
        work.session.add(row)
    if row.data != facts:
        row.data, row.version = facts, row.version + 1
        audit.note(work, KIND, site.id, site.id, "changed", version=row.version, before=was, after=was | facts)
    work.session.flush()
    return _shown(work, site.id)


def _shown(work: Work, site_id: UUID) -> PrivacyShown:
    row = work.session.get(PrivacySettingsRow, site_id)
    settings = settings_of(work.session, site_id)
    return PrivacyShown(id=site_id, site_id=site_id, version=row.version if row else 0, **dict(settings))
