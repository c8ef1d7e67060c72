"""The plan of a site: a picture, and where on it gates, lanes and posts are."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from central.audit import services as audit
from central.errors import RegistryError
from central.images import Jpeg
from central.places.schemas import Mark, MarkKind, MarksShown, MarksWanted, PlanShown
from central.places.tables import Post, SitePlan
from central.records.concurrency import check_seen
from central.registry import Work
from central.sites.existing import existing_site
from central.tables import Gate, Lane, OfSite

KIND = "site_plans"
SIDE_MAX = 3000
MARKED: Mapping[MarkKind, type[OfSite]] = {"gate": Gate, "lane": Lane, "post": Post}


def find_plan(work: Work, site_id: UUID) -> SitePlan:
    """Return the plan of a site; RegistryError 404."""
    plan = work.session.get(SitePlan, existing_site(work, site_id).id)
    if plan is None:
        raise RegistryError("the site has no plan", 404, "id")
    return plan


def put_plan(work: Work, site_id: UUID, picture: Jpeg) -> PlanShown:
    """Make this the plan of the site; marks stay where they are. RegistryError 404."""
    site = existing_site(work, site_id, changing=True)
    plan = work.session.get(SitePlan, site.id)
    was = None if plan is None else _facts(plan)
    if plan is None:
        plan = SitePlan(site_id=site.id, version=0, marks=[])
        work.session.add(plan)
    hashed = sha256(picture.data).hexdigest()
    if was is None or was["sha256"] != hashed:
        plan.image, plan.sha256, plan.width, plan.height = picture.data, hashed, picture.width, picture.height
        _note(work, plan, "created" if was is None else "changed", was)
    return PlanShown(id=site.id, sha256=plan.sha256, width=plan.width, height=plan.height)


def delete_plan(work: Work, site_id: UUID) -> None:
    """Delete the plan and its marks; RegistryError 404."""
    existing_site(work, site_id, changing=True)
    plan = find_plan(work, site_id)
    audit.note(work, KIND, site_id, site_id, "deleted", version=plan.version + 1, before=_facts(plan))
    work.session.delete(plan)


def get_marks(work: Work, site_id: UUID) -> MarksShown:
    """Show the marks on the plan of a site; RegistryError 404."""
    return _marks(work, find_plan(work, site_id))


def put_marks(work: Work, site_id: UUID, wanted: MarksWanted, seen: int | None = None) -> MarksShown:
    """Make these the marks on the plan; RegistryError 404, 409 unless all is as `seen` (None: any), 422 for what is not there."""
    existing_site(work, site_id, changing=True)
    plan = find_plan(work, site_id)
    check_seen(work, KIND, site_id, _marks(work, plan).model_dump(mode="json"), seen, wanted.model_dump(mode="json"))
    if _living(work, site_id, wanted.marks) != wanted.marks:
        raise RegistryError("there is no such gate, lane or post of this site", 422, "marks")
    marks = [mark.model_dump(mode="json") for mark in wanted.marks]
    if plan.marks != marks:
        was = _facts(plan)
        plan.marks = marks
        _note(work, plan, "changed", was)
    return _marks(work, plan)


def _marks(work: Work, plan: SitePlan) -> MarksShown:
    marks = _living(work, plan.site_id, map(Mark.model_validate, plan.marks))
    return MarksShown(id=plan.site_id, version=plan.version, marks=marks)


def _living(work: Work, site_id: UUID, marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return those of the marks whose gate, lane or post the site has; a site has few of each."""
    there = {
        (kind, found)
        for kind, table in MARKED.items()
        for found in work.session.scalars(select(table.id).where(table.site_id == site_id))
    }
    return tuple(mark for mark in marks if (mark.kind, mark.id) in there)


def _facts(plan: SitePlan) -> dict[str, Any]:
    return {"sha256": plan.sha256, "width": plan.width, "height": plan.height, "marks": plan.marks}


def _note(work: Work, plan: SitePlan, act: str, was: Mapping[str, Any] | None) -> None:
    plan.version += 1
    audit.note(work, KIND, plan.site_id, plan.site_id, act, version=plan.version, before=was, after=_facts(plan))
    work.session.flush()
