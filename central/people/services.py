"""Persons and what gates are told of them."""

from collections.abc import Mapping, Sequence

from typing_extensions import override

from access.contract.records import AnyRecord, PersonRecord
from central.access_rules import audience
from central.access_rules.audience import Audience, Key
from central.people.names import masked
from central.people.schemas import PersonShown, PersonWanted
from central.records.repository import of_site
from central.records.services import Records
from central.records.validity import epoch_s, fill_validity
from central.registry import Work
from central.tables import Level, Person, PersonLevel, Site


class Persons(Records[Person, PersonWanted, PersonShown]):
    """Persons; gates are told the masked name."""

    table = Person
    wanted = PersonWanted
    shown = PersonShown
    in_use = "the person still holds vehicles or cards"

    @override
    def fill(self, work: Work, site: Site, row: Person, wanted: PersonWanted) -> None:
        """Set all of a person; every level must be one of the site."""
        for level in wanted.levels:
            of_site(work.session, Level, level, site.id, "levels")
        fill_validity(row, wanted)
        row.name, row.unit, row.category = wanted.name, wanted.unit, wanted.category
        kept = [held for held in row.held if held.level_id in wanted.levels]
        added = sorted(wanted.levels - {held.level_id for held in kept})
        row.held = [*kept, *(PersonLevel(level_id=level) for level in added)]

    @override
    def key(self, wanted: PersonWanted) -> dict[str, object]:
        return {"name": wanted.name, "unit": wanted.unit}

    @override
    def audience(self, work: Work, row: Person) -> Audience:
        return audience.of_person(work.session, row)

    @override
    def opens(self, work: Work, row: Person) -> Audience:
        """Return the gates that know the person: they know the vehicles and cards too."""
        return audience.of_person(work.session, row)

    @override
    def depending(self, work: Work, row: Person) -> Mapping[Key, Audience]:
        return audience.of_dependents(work.session, (row,))

    @override
    def rules(self, site: Site, row: Person) -> Sequence[AnyRecord]:
        """Tell category, levels and validity, the name masked."""
        shown = PersonShown.model_validate(row)
        return (
            PersonRecord(
                id=shown.id,
                name=masked(shown.name),
                unit=shown.unit,
                category=shown.category,
                status=shown.status,
                levels=tuple(sorted(shown.levels)),
                valid_from=epoch_s(shown.valid_from),
                valid_until=epoch_s(shown.valid_until),
            ),
        )


persons = Persons()
