"""Who of the registered persons is meant by a row of a sheet: the same sheet again makes nobody twice."""

from collections.abc import Sequence

from central.errors import RegistryError
from central.people import repository
from central.people.identity import id_hash
from central.people.schemas import PersonWanted
from central.registry import Work
from central.tables import Person, Site

# Whose unit is a home: who comes to have another one has moved.
LIVING_HERE = frozenset({"resident", "tenant", "family"})


class Known:
    """The persons of a site whom some wanted ones may be, by what tells them best."""

    def __init__(self, work: Work, site: Site, wanted: Sequence[PersonWanted]) -> None:
        self._wanted = wanted
        self._hashes = [_hash(work, each) for each in wanted]
        hashes = {each for each in self._hashes if each is not None}
        numbers = {each.staff_number for each in wanted if each.staff_number}
        self._numbered = repository.with_numbers(work.session, site.id, hashes, numbers)
        self._work, self._site = work, site

    def of_all(self, named: Sequence[Sequence[Person]]) -> list[Sequence[Person]]:
        """Return for each of them who it is, of those who have the name and unit or else of all others."""
        by_hash: dict[bytes | None, list[Person]] = {}
        by_number: dict[str, list[Person]] = {}
        for row in self._numbered:
            by_hash.setdefault(row.id_hash and bytes(row.id_hash), []).append(row)
            by_number.setdefault(row.staff_number, []).append(row)
        found: list[Sequence[Person]] = []
        for each, hashed, same in zip(self._wanted, self._hashes, named, strict=True):
            told = by_hash.get(hashed, []) if hashed else []
            told = told or (by_number.get(each.staff_number, []) if each.staff_number else [])
            found.append([row for row in told if row in same] or told or same)
        return self._with_moved(found)

    def _with_moved(self, found: list[Sequence[Person]]) -> list[Sequence[Person]]:
        homes = {(each.name, each.unit) for each, rows in zip(self._wanted, found, strict=True) if not rows and each.unit}
        if not homes:
            return found
        moved = repository.moved_elsewhere(self._work.session, self._site.id, homes)
        return [
            rows or [row for row, unit in moved if unit == each.unit and _may_be(row, each, hashed)]
            for each, hashed, rows in zip(self._wanted, self._hashes, found, strict=True)
        ]

    def check(self, found: Sequence[Sequence[Person]], named: Sequence[Sequence[Person]]) -> None:
        """Raise RegistryError 409 where one of those found has another home, or would come to be another's namesake.

        Also where somebody is wanted twice at a time.
        """
        meant = [*(rows[0].id for rows in found if rows), *(each for each in self._hashes if each)]
        if len(set(meant)) < len(meant):
            raise RegistryError("this person is named twice", 409, "name")
        for each, rows, same in zip(self._wanted, found, named, strict=True):
            if same and not set(rows) & set(same):
                raise namesake_met()
            if len(rows) == 1 and self._lives_elsewhere(rows[0], each):
                words = (
                    "this person is registered in {unit}: write down a move, or a further home in a sheet of residencies; "
                    "another one of this name needs a namesake"
                )
                raise RegistryError(words, 409, "unit", unit=rows[0].unit)

    def _lives_elsewhere(self, row: Person, wanted: PersonWanted) -> bool:
        if row.category not in LIVING_HERE or row.unit in ("", wanted.unit):
            return False
        return not repository.lives_in(self._work.session, row.id, wanted.unit)


def namesake_met(field: str = "namesake") -> RegistryError:
    """Return the refusal of one who would have another's name and unit: a sheet could not tell who of them is meant."""
    return RegistryError("another person has this name and unit: tell them apart by a namesake", 409, field)


def at_home(work: Work, row: Person, wanted: PersonWanted) -> PersonWanted:
    """Return what is wanted of a registered person: one who lives in that unit besides stays registered in the other."""
    if row.unit in ("", wanted.unit) or not repository.lives_in(work.session, row.id, wanted.unit):
        return wanted
    home = {"unit": row.unit, "relation": row.relation}
    if {row.category, wanted.category} <= LIVING_HERE:
        home["category"] = row.category
    return wanted.model_copy(update=home)


def _hash(work: Work, wanted: PersonWanted) -> bytes | None:
    number = "" if wanted.id_number is None else wanted.id_number.get_secret_value()
    return id_hash(work.hash_key, number) if number else None


def _may_be(row: Person, wanted: PersonWanted, hashed: bytes | None) -> bool:
    """Tell whether nothing but the unit speaks against it."""
    is_same = (row.name, row.namesake) == (wanted.name, wanted.namesake)
    return is_same and (row.id_hash is None or hashed is None) and (not wanted.staff_number or not row.staff_number)
