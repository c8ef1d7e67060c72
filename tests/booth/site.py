"""The site that the walks go over: everything that runs, the one browser, and what the registry must come to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from playwright.sync_api import Page

from simulators.demo.ledgers import Ledgers, read_ledgers
from simulators.demo.office_day import OfficeDay
from simulators.demo.registry import visiting
from simulators.demo.site import DemoSite, SiteWanted
from simulators.estate import Guard
from tests.booth.browser import Booth
from tests.booth.office import Prepared, on_duty, prepare
from tests.booth.road import Road
from tests.waiting import wait_until


@dataclass(slots=True)
class Whole:
    """A running site with a guard at its booth. `due`: records that the registry must show in a state, by kind and id."""

    site: DemoSite
    booth: Booth
    road: Road
    office: OfficeDay
    prepared: Prepared
    guard: Guard
    relief: Guard
    shift: str
    due: dict[tuple[str, str], str] = field(default_factory=dict)
    rounds: list[str] = field(default_factory=list)

    def expects(self, kind: str, identity: str, state: str) -> None:
        """Note what the registry must say of a record when it has heard of all."""
        self.due[kind, identity] = state

    def missing(self) -> dict[tuple[str, str], str]:
        """Return what the registry says of the records that are not as they must be."""
        found = {}
        for (kind, identity), state in self.due.items():
            record = self.office.record(kind, identity)
            said = str(record.get("state", "there")) if record else "not there"
            if said != state:
                found[kind, identity] = f"{said}, not {state}"
        return found

    def sees_all(self) -> None:
        """Wait until the registry's records have followed what was done at the booth."""
        wait_until(lambda: not self.missing(), 30, "the registry to follow") if self.due else None

    def ledgers(self) -> Ledgers:
        """Return the gate's journal beside the registry's."""
        database = visiting(self.site.places.registry)
        try:
            return read_ledgers(self.site.places.edge.journal, database)
        finally:
            database.close()


@contextmanager
def running(data: Path) -> Iterator[Prepared]:
    """Start everything, and let the office prepare what the walks need."""
    with DemoSite(SiteWanted(seed=5, data=data, port=0), print) as site:
        office_day = OfficeDay(site.office_url(), site.memory.password, site.estate, Random(7))
        with office_day as office:
            yield prepare(site, office)


def whole_site(prepared: Prepared, page: Page) -> Whole:
    """Return the site for a browser; the guard is the one whose shift it is."""
    site, office = prepared.site, prepared.office
    shift, guard, relief = on_duty(site, office)
    return Whole(site, Booth(page, site.booth_url()), Road(site.wiring), office, prepared, guard, relief, shift)
