"""What a site keeps how long: chosen by its manager, kept for ever until somebody has."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from central.audit import services as audit
from central.errors import RegistryError
from central.records.concurrency import check_seen
from central.registry import Work
from central.retention.profiles import CLASSES, KEEP, LIMITS, READY, Days, ProfileName, faults
from central.retention.schemas import BoundsShown, DaysWanted, ProfilesShown, ReadyShown, RetentionShown, RetentionWanted
from central.retention.tables import RetentionProfile
from central.sites.existing import existing_site

KIND: Final = "retention_profiles"


def ready() -> ProfilesShown:
    """Show the profiles that are ready, and the bounds."""
    return ProfilesShown(
        ready=[ReadyShown(profile=name, days=DaysWanted(**days.facts())) for name, days in READY.items()],
        bounds=[BoundsShown(what=what, least=each.least, most=each.most) for what, each in LIMITS.items()],
    )


def days_of(session: Session, site_id: UUID) -> Days:
    """Return what a site keeps how long."""
    row = session.get(RetentionProfile, site_id)
    return KEEP if row is None else _days(row)


def get(work: Work, site_id: UUID) -> RetentionShown:
    """Show what a site keeps how long; RegistryError 404."""
    return _shown(work, existing_site(work, site_id).id)


def choose(work: Work, site_id: UUID, wanted: RetentionWanted, seen: int | None = None) -> RetentionShown:
    """Choose for a site; RegistryError 404, 409 unless it is as `seen` (None: any), 422 for days out of their bounds."""
    site = existing_site(work, site_id, changing=True)
    was = _shown(work, site.id).model_dump(mode="json")
    check_seen(work, KIND, site.id, was, seen, wanted.model_dump(mode="json"))
    days = _wanted(wanted)
    row = work.session.get(RetentionProfile, site.id)
    if row is None:
        row = RetentionProfile(site_id=site.id, version=0, profile="")
        work.session.add(row)
    row.version, row.profile = row.version + 1, wanted.profile
    for what in CLASSES:
        setattr(row, what, days.of(what))
    after = {"profile": wanted.profile, "days": days.facts()}
    audit.note(work, KIND, site.id, site.id, "changed", version=row.version, before=was, after=after)
    work.session.flush()
    return _shown(work, site.id)


def _wanted(wanted: RetentionWanted) -> Days:
    if (wanted.days is not None) != (wanted.profile == "own"):
        raise RegistryError("days of one's own go with the profile own, and with no other", 422, "days")
    if wanted.profile == "keep":
        return KEEP
    if wanted.days is None:
        return READY["cn" if wanted.profile == "cn" else "eu"]
    days = Days(**wanted.days.model_dump())
    for what, fault in faults(days):
        bounds = LIMITS[what]
        if fault == "bounds":
            why = "{what} is kept for {least} to {most} days, or for ever"
            raise RegistryError(why, 422, f"days.{what}", what=what, least=bounds.least, most=bounds.most)
        raise RegistryError("{what} cannot be kept longer than the entries that it belongs to", 422, f"days.{what}", what=what)
    return days


def _shown(work: Work, site_id: UUID) -> RetentionShown:
    row = work.session.get(RetentionProfile, site_id)
    profile: ProfileName = "keep" if row is None else row.profile  # type: ignore[assignment]  # as it was wanted
    days = DaysWanted(**days_of(work.session, site_id).facts())
    return RetentionShown(id=site_id, version=row.version if row else 0, profile=profile, days=days)


def _days(row: RetentionProfile) -> Days:
    return Days(**{what: getattr(row, what) for what in CLASSES})
