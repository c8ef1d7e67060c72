"""Persons and what gates are told of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from typing_extensions import override

from access.contract.records import AnyRecord, PersonRecord
from central.access_rules import audience
from central.access_rules.audience import Audience, Key
from central.audit import services as audit
from central.cards.at_booth import tell_permits_of
from central.errors import RegistryError
from central.people import repository
from central.people.identity import id_hash, tail
from central.people.known import Known, at_home, namesake_met
from central.people.names import masked
from central.people.schemas import IdNumberAsked, PersonShown, PersonWanted
from central.people.tables import Company
from central.records.many import among
from central.records.repository import get, of_site
from central.records.repository import site as seen_site
from central.records.services import Records
from central.records.turns import take_turn
from central.records.validity import epoch_s, fill_validity
from central.registry import Work
from central.spaces.tables import Quota
from central.tables import Level, Person, PersonLevel, Site
from central.users.repository import forget_host_links

SET_AS_WANTED = (
    "name",
    "unit",
    "namesake",
    "relation",
    "category",
    "staff_number",
    "department",
    "phone",
    "vip",
    "vip_note",
    "escorted",
    "first_person",
    "remark",
)


class Persons(Records[Person, PersonWanted, PersonShown]):
    """Persons; gates are told the masked name."""

    table = Person
    wanted = PersonWanted
    shown = PersonShown
    taken = "another person of the site has this staff number"
    in_use = "the person still holds vehicles, cards or parking spaces"

    @override
    def fill(self, work: Work, site: Site, row: Person, wanted: PersonWanted) -> None:
        """Set all of a person; levels, company and quota must be of the site."""
        for level in wanted.levels:
            of_site(work.session, Level, level, site.id, "levels")
        if wanted.company is not None:
            of_site(work.session, Company, wanted.company, site.id, "company")
        if wanted.quota is not None:
            of_site(work.session, Quota, wanted.quota, site.id, "quota")
        fill_validity(row, wanted)
        for name in SET_AS_WANTED:
            setattr(row, name, getattr(wanted, name))
        row.company_id, row.quota_id, row.phone_tail = wanted.company, wanted.quota, tail(wanted.phone)
        if wanted.id_number is not None:
            number = wanted.id_number.get_secret_value()
            row.id_tail, row.id_hash = tail(number), id_hash(work.hash_key, number) if number else None
        kept = [held for held in row.held if held.level_id in wanted.levels]
        added = sorted(wanted.levels - {held.level_id for held in kept})
        row.held = [*kept, *(PersonLevel(level_id=level) for level in added)]

    @override
    def key(self, wanted: PersonWanted) -> dict[str, object]:
        """Name and unit; where two share these, `staff_number` or `namesake` tells who is meant."""
        return {name: getattr(wanted, name) for name in ("name", "unit", "staff_number", "namesake")}

    @override
    def check_key(self, work: Work, site: Site, wanted: PersonWanted, row: Person | None = None) -> None:
        """Let nobody have another's name and unit without a namesake; who has it already keeps it."""
        key = self.key(wanted)
        is_kept = row is not None and all(getattr(row, name) == value for name, value in key.items())
        # A staff number is one person's anyway.
        if not (is_kept or wanted.staff_number):
            check_namesake(work, site.id, key, None if row is None else row.id)

    @override
    def put(self, work: Work, wanted: PersonWanted) -> PersonShown:
        site = seen_site(work, wanted.site)
        take_turn(work.session, site.id)
        [standing] = self.standing(work, site, [wanted], changing=True)
        if len(standing) > 1:
            raise RegistryError("more than one record has this name or number", 409)
        if not standing:
            return self.create(work, wanted)
        return self.change(work, standing[0].id, self.over(work, standing[0], wanted))

    @override
    def over(self, work: Work, row: Person, wanted: PersonWanted) -> PersonWanted:
        return at_home(work, row, wanted)

    @override
    def standing(
        self, work: Work, site: Site, wanted: Sequence[PersonWanted], *, changing: bool = False
    ) -> list[Sequence[Person]]:
        """Return for each of them who it is: by ID number or staff number, by name and unit, or by a unit lived in before.

        RegistryError 409 where somebody who lives elsewhere is to be changed: from one home to another people move.
        """
        named = super().standing(work, site, wanted, changing=changing)
        known = Known(work, site, wanted)
        found = known.of_all(named)
        if changing:
            others = {row.id for rows, same in zip(found, named, strict=True) for row in rows if row not in same}
            if others:
                repository.locked(work.session, others)
            known.check(found, named)
        return found

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Person, record_id, changing=True)
        if repository.has_lived_here(work.session, row.id):
            raise RegistryError("the moves of this person are kept: let the person move out instead", 409)
        if repository.has_documents(work.session, row.site_id, "person", row.id):
            raise RegistryError("documents of this person are still kept: delete those first", 409)
        if any(repository.left_open(work.session, row).values()):
            raise RegistryError("the person still has keys, parking permits or visitors: end those first", 409)
        forget_host_links(work.session, row.id)
        super().delete(work, record_id, seen)

    @override
    def followed(self, work: Work, site: Site, row: Person) -> None:
        """Show at booths what the holder of a permit is called by now, and where they live."""
        tell_permits_of(work, site, "person", row.id)

    @override
    def audience(self, work: Work, row: Person) -> Audience:
        return audience.of_person(work.session, row)

    @override
    def opens(self, work: Work, row: Person) -> Audience:
        """Return the gates that know the person: they know the vehicles and cards too."""
        return audience.of_person(work.session, row)

    @override
    def depending(self, work: Work, rows: Sequence[Person]) -> Mapping[Key, Audience]:
        return audience.of_dependents(work.session, among(work.session, Person.id, [row.id for row in rows]))

    @override
    def rules(self, site: Site, row: Person) -> Sequence[AnyRecord]:
        """Tell category, levels, quota and validity, the name masked."""
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
                quota=shown.quota_id,
                escorted=shown.escorted,
                first_person=shown.first_person,
            ),
        )

    def with_id_number(self, work: Work, asked: IdNumberAsked) -> list[PersonShown]:
        """Return those of a site who gave this ID number; with each it is written down who asked."""
        site = seen_site(work, asked.site)
        hashed = id_hash(work.hash_key, asked.id_number.get_secret_value())
        found = repository.with_id_hash(work.session, site.id, hashed)
        for row in found:
            audit.note(work, self.kind, row.id, site.id, "found by ID number", version=row.version)
        return [self.show(work, row) for row in found]


persons = Persons()


def check_namesake(work: Work, site_id: UUID, key: Mapping[str, object], but: UUID | None, field: str = "namesake") -> None:
    """Raise RegistryError 409 where another person (not that one) is known by the same."""
    if repository.has_namesake(work.session, site_id, key, but):
        raise namesake_met(field)
