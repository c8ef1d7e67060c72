"""Many records put together are what they are put one by one, with the same audit, and gates are told the same at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from central.access_rules.schemas import LevelWanted
from central.access_rules.services import levels
from central.audit.tables import AuditEntry
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.errors import RegistryError
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.records.services import Put
from central.registry import Registry, Work
from central.sites.schemas import GateWanted, LaneWanted, SiteWanted
from central.sites.services import gates, lanes, put_site
from central.tables import RuleChange, Site
from central.vehicles.schemas import VehicleWanted
from central.vehicles.services import vehicles

KEY = bytes(32)
NOBODY = UUID("01890000-0000-7000-8000-000000000000")


class Estate:
    """A site on which records are put, together or one by one."""

    def __init__(self, registry: Registry, slug: str, *, together: bool) -> None:
        self.registry, self.together = registry, together
        self.labels: dict[UUID, str] = {}
        with registry.write() as work:
            self.id = put_site(work, SiteWanted(slug=slug, name="s")).id
            work.session.get_one(Site, self.id).card_key = KEY
            self.levels = [self._level(work, name) for name in ("east", "west")]

    def _level(self, work: Work, slug: str) -> UUID:
        gate = gates.put(work, GateWanted(site=self.id, slug=slug, name=slug)).id
        wanted = LaneWanted(site=self.id, gate=gate, slug="in", name="", lane_kind="vehicle", direction="in")
        lane = lanes.put(work, wanted).id
        level = levels.put(work, LevelWanted.model_validate({"site": self.id, "name": slug, "grants": [{"lanes": [lane]}]})).id
        self.labels |= {gate: f"gate {slug}", lane: f"lane {slug}", level: f"level {slug}"}
        return level

    def put(self, kind: Any, wanted: list[Any], revisions: int) -> list[str]:
        """Put them and return what became of each."""
        with self.registry.write() as work:
            site = work.session.get_one(Site, self.id)
            before = site.revision
            done = kind.put_many(work, site, wanted) if self.together else [self._one(work, kind, each) for each in wanted]
            work.session.refresh(site)
            assert not self.together or site.revision - before == revisions
            for each, one in zip(wanted, done, strict=True):
                if isinstance(one, Put):
                    self.labels[one.row.id] = f"{kind.kind} {sorted(kind.key(each).items())}"
            return [one.act if isinstance(one, Put) else one.field for one in done]

    def _one(self, work: Work, kind: Any, wanted: Any) -> Any:
        [found] = kind.standing(work, work.session.get_one(Site, self.id), [wanted])
        version = found[0].version if found else 0
        try:
            row = work.session.get_one(kind.table, kind.put(work, wanted).id)
        except RegistryError as error:
            return error
        return Put(row, "created" if not version else "unchanged" if version == row.version else "changed")

    def told(self) -> tuple[list[str], list[str]]:
        """Return the audit and what gates are told now, with labels in the place of ids."""
        with self.registry.read() as work:
            entries = work.session.scalars(select(AuditEntry).where(AuditEntry.site_id == self.id)).all()
            living = select(RuleChange).where(RuleChange.site_id == self.id, RuleChange.to_revision.is_(None))
            rules = work.session.scalars(living).all()
        audit = [
            f"{each.kind} {each.record_id} {each.version} {each.act} {each.before} {each.after}"
            for each in entries
            if each.kind != "sites"
        ]
        told = [
            f"{each.kind} {each.record_id} {sorted(each.audience.split())} {each.data}" for each in rules if each.kind != "site"
        ]
        return sorted(map(self._labelled, audit)), sorted(map(self._labelled, told))

    def _labelled(self, text: str) -> str:
        for record_id, label in {**self.labels, self.id: "site"}.items():
            text = text.replace(str(record_id), label).replace(record_id.hex, label)
        return text


def story(estate: Estate) -> list[list[str]]:
    """Put persons, vehicles and cards, move some of them to other gates, and be refused."""
    east, west = estate.levels

    def people(level: UUID, count: int = 6, **facts: Any) -> list[PersonWanted]:
        return [
            PersonWanted(site=estate.id, name=f"住户{n}", unit=str(n), levels=frozenset({level}), **facts) for n in range(count)
        ]

    acts = [estate.put(persons, people(east), 1)]
    holders = {label: record_id for record_id, label in estate.labels.items() if label.startswith("persons")}
    ids = [holders[key] for key in sorted(holders)]
    plates = [VehicleWanted(site=estate.id, plate=f"粤B0000{n}", person=each) for n, each in enumerate(ids)]
    numbers = [CardWanted(site=estate.id, raw=f"0000000{n}", person=each) for n, each in enumerate(ids)]
    acts += [estate.put(vehicles, plates, 1), estate.put(cards, [*numbers, CardWanted(site=estate.id, code="visit-1")], 1)]
    moved = people(west, 3)
    moved[1] = moved[1].model_copy(update={"levels": frozenset({NOBODY})})
    again = [*people(east)[3:], moved[0].model_copy(update={"status": "frozen"})]
    acts += [estate.put(persons, [*moved, *again], 2)]
    lost = [plates[0].model_copy(update={"status": "lost"}), plates[1], plates[2].model_copy(update={"person": NOBODY})]
    acts += [estate.put(vehicles, lost, 1)]
    return acts


def test_together_is_as_one_by_one(registry: Registry) -> None:
    one_by_one, together = Estate(registry, "one", together=False), Estate(registry, "all", together=True)
    acts = story(together)
    assert acts == story(one_by_one)
    assert acts[3] == ["changed", "levels", "changed", "unchanged", "unchanged", "unchanged", "changed"]
    assert acts[4] == ["changed", "unchanged", "person"]
    assert together.told() == one_by_one.told()
