"""Who is inside: the boards of posts, and who should have left by now."""

from functools import cache
from uuid import UUID

from access.on_record import PERMIT_IN_FORCE
from access.workflows import pass_boards
from access.workflows.contractor_pass import WORKFLOW, ContractorPass
from central.contractors.hours import hours_at
from central.contractors.passes import passes
from central.contractors.posts import post_named
from central.contractors.schemas import OverdueAsked, OverdueShown, PassShown, PermitDetails, PostBoardShown
from central.contractors.terms import name_of, permit_by_now, permit_of_site
from central.records import repository as records
from central.registry import Work
from central.tables import Site
from central.workflows import repository


class Hung:
    """Passes of a site that have one key, as their events left them, and how each is shown."""

    def __init__(self, work: Work, site: Site, name: str, value: str) -> None:
        self._work = work
        self._rows = {row.number: row for row in repository.with_key(work.session, site.id, WORKFLOW.name, name, value)}
        self.passes = [passes.record(row) for row in self._rows.values()]

    def show(self, held: list[ContractorPass]) -> list[PassShown]:
        """Show these of the passes."""
        shown = (passes.show(self._work, self._rows[each.terms.number]) for each in held)
        return [PassShown.model_validate(each, from_attributes=True) for each in shown]


def board(work: Work, site_id: UUID, post: str) -> PostBoardShown:
    """Return the board of a post, by its name or id; RegistryError 422 where there is no such site or post."""
    site = records.site(work, site_id)
    post = post_named(work.session, site.id, post)
    hung = Hung(work, site, "post", post)
    there = pass_boards.board(hung.passes, post)
    return PostBoardShown(
        post=post,
        inside=hung.show([each for each in there if each.is_inside]),
        in_transfer=hung.show([each for each in there if each.is_in_transfer]),
    )


def overdue(work: Work, asked: OverdueAsked) -> list[OverdueShown]:
    """Return who is inside though hours or validity are over, by post, firm and permit; RegistryError 422 for no such site."""
    site = records.site(work, asked.site)
    inside = Hung(work, site, "inside", str(True))

    @cache
    def in_force(permit: str) -> bool:
        row = permit_of_site(work.session, site.id, UUID(permit), "permit")
        return permit_by_now(row, work.at).state in PERMIT_IN_FORCE

    listed = pass_boards.overdue(inside.passes, work.at, hours_at(work.session, site, work.at), in_force)
    return [
        OverdueShown(post=post, firm=firm, permit=UUID(permit), **_to_call(work, site, held[0]), passes=inside.show(held))
        for (post, firm, permit), held in sorted(listed.items())
        if asked.post in (None, post) and asked.firm in (None, firm)
    ]


def _to_call(work: Work, site: Site, held: ContractorPass) -> dict[str, str]:
    """Return the responsible person and the telephone of the permit."""
    permit = permit_of_site(work.session, site.id, UUID(held.terms.permit), "permit")
    known = PermitDetails.model_validate(permit.details)
    return {"responsible": name_of(work.session, site.id, held.terms.responsible), "phone": known.phone}
