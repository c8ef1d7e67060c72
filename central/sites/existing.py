"""A site as whoever acts may see it."""

from uuid import UUID

from central.errors import RegistryError
from central.registry import Work
from central.sites import repository
from central.tables import Site


def existing_site(work: Work, site_id: UUID, *, changing: bool = False) -> Site:
    """Return a site that the actor sees, locked where it is to be changed; RegistryError 404."""
    site = repository.get_site(work.session, site_id, changing=changing)
    if site is None or not work.actor.sees(site.id):
        raise RegistryError("there is no such site", 404, "id")
    return site
