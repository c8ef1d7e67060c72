"""Points and routes of patrols."""

from collections.abc import Sequence

from sqlalchemy import select
from typing_extensions import override

from access.contract.records import AnyRecord
from central.duty.at_booth import route_records, tell_routes_of
from central.duty.patrol_schemas import PointShown, PointWanted, RouteShown, RouteWanted, Stop
from central.duty.tables import PatrolPoint, PatrolRoute, PatrolStop
from central.errors import RegistryError
from central.records.services import Records
from central.registry import Work
from central.tables import Site


class PatrolPoints(Records[PatrolPoint, PointWanted, PointShown]):
    """Points, by the numbers of their tags."""

    table = PatrolPoint
    wanted = PointWanted
    shown = PointShown
    taken = "another point of the site has this code"
    in_use = "the point is still on a route"

    @override
    def fill(self, work: Work, site: Site, row: PatrolPoint, wanted: PointWanted) -> None:
        """Set all of a point."""
        row.name, row.code, row.place, row.position = wanted.name, wanted.code, wanted.place, wanted.position

    @override
    def key(self, wanted: PointWanted) -> dict[str, object]:
        return {"code": wanted.code}

    @override
    def followed(self, work: Work, site: Site, row: PatrolPoint) -> None:
        """Show its name and place on the routes that it is on."""
        tell_routes_of(work, site, row)


class PatrolRoutes(Records[PatrolRoute, RouteWanted, RouteShown]):
    """Routes; rounds keep the stops of their route as they were."""

    table = PatrolRoute
    wanted = RouteWanted
    shown = RouteShown
    taken = "another route of the site has this name"
    in_use = "rounds were made on the route: set is_used to false"

    @override
    def fill(self, work: Work, site: Site, row: PatrolRoute, wanted: RouteWanted) -> None:
        """Set all of a route; its points are of the site, each once."""
        points = [stop.point for stop in wanted.stops]
        query = select(PatrolPoint.id).where(PatrolPoint.site_id == site.id, PatrolPoint.id.in_(points))
        known = set(work.session.scalars(query))
        for n, stop in enumerate(wanted.stops):
            if stop.point not in known:
                message = "there is no such record in {table} of this site"
                raise RegistryError(message, 422, f"stops.{n}.point", table=PatrolPoint.__tablename__)
            if stop.point in points[:n]:
                raise RegistryError("the route has this point already", 422, f"stops.{n}.point")
        row.name, row.is_used = wanted.name, wanted.is_used
        kept = {stop.position: stop for stop in row.stops}
        row.stops = [self._stop(kept.get(n), n, stop) for n, stop in enumerate(wanted.stops)]

    @override
    def key(self, wanted: RouteWanted) -> dict[str, object]:
        return {"name": wanted.name}

    @override
    def at_booths(self, work: Work, site: Site, row: PatrolRoute) -> Sequence[AnyRecord]:
        """Show a route that is in use."""
        return tuple(route_records(work.session, row))

    @override
    def show(self, work: Work, row: PatrolRoute) -> RouteShown:
        stops = [Stop(point=stop.point_id, minutes=stop.minutes) for stop in row.stops]
        return RouteShown(id=row.id, site_id=row.site_id, version=row.version, name=row.name, stops=stops, is_used=row.is_used)

    def _stop(self, kept: PatrolStop | None, position: int, wanted: Stop) -> PatrolStop:
        stop = kept or PatrolStop(position=position)
        stop.point_id, stop.minutes = wanted.point, wanted.minutes
        return stop


points = PatrolPoints()
routes = PatrolRoutes()
