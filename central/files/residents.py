"""The sheet that offices really have: in one row a resident with all vehicles and cards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from typing_extensions import override

from access.card import CardNumber
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.errors import RegistryError
from central.files.columns import column_of
from central.files.faults import Fault, Faults, validated
from central.files.kinds import Act, Cells, Key, SheetKind
from central.files.printed import read_card, written_card
from central.files.record_sheets import RecordsSheet
from central.files.references import Kind
from central.files.values import parted
from central.files.writing import Cell
from central.masking.kinds import Personal, Sight
from central.masking.names import seen
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.problem_words import in_chinese
from central.records.schemas import Asked, Page
from central.records.services import Put
from central.registry import Work
from central.tables import Card, Site, Vehicle
from central.vehicles.schemas import VehicleWanted
from central.vehicles.services import vehicles

HELD = ("plates", "cards")

# Of a list of plates or cards in one cell no part is shown to whom they are masked.
CREDENTIALS = Personal("note")


@dataclass(frozen=True, slots=True)
class Resident:
    """What one row wants: a person, and what is to be his."""

    person: PersonWanted
    plates: Sequence[VehicleWanted]
    cards: Sequence[CardWanted]


class ResidentsSheet(SheetKind[Resident]):
    """Persons with their vehicles and cards; those that a person has and the row does not name stay as they are."""

    name = "residents"
    areas = ("people", "vehicles", "cards")

    def __init__(self) -> None:
        self._persons = RecordsSheet(persons, ("people",))
        self._vehicles = RecordsSheet(vehicles, ("vehicles",))
        self._cards = RecordsSheet(cards, ("cards",))
        self.asked = self._persons.asked
        self.columns = (
            *self._persons.columns,
            *(column_of(self.name, name, tuple[str, ...]) for name in HELD),
        )

    @override
    def ready(self, work: Work, site: Site, rows: Sequence[Cells]) -> list[Resident | Faults]:
        alone = [{name: text for name, text in row.items() if name not in HELD} for row in rows]
        found = self._persons.ready(work, site, alone)
        return [_resident(site, person, row) for person, row in zip(found, rows, strict=True)]

    @override
    def keys(self, ready: Resident) -> Iterator[tuple[str, Key]]:
        yield from self._persons.keys(ready.person)
        yield from (("plates", key) for each in ready.plates for _, key in self._vehicles.keys(each))
        yield from (("cards", key) for each in ready.cards for _, key in self._cards.keys(each))

    @override
    def put(self, work: Work, site: Site, ready: Sequence[Resident]) -> list[Act | Faults]:
        """Create or change persons, vehicles and cards; whose vehicle or card is somebody else's is left as he is."""
        persons_standing = persons.standing(work, site, [each.person for each in ready])
        owners = [rows[0].id if len(rows) == 1 else None for rows in persons_standing]
        own_plates = self._own(work, site, self._vehicles, [each.plates for each in ready], owners, "plates")
        own_cards = self._own(work, site, self._cards, [each.cards for each in ready], owners, "cards")
        faults = [
            [each for each in (*plates, *held) if isinstance(each, Fault)]
            for plates, held in zip(own_plates, own_cards, strict=True)
        ]
        right = [at for at in range(len(ready)) if not faults[at]]
        put = _all(persons.put_many(work, site, [ready[at].person for at in right]))
        acts = dict(zip(right, ([each.act] for each in put), strict=True))
        holders = dict(zip(right, (each.row.id for each in put), strict=True))
        for kind, own in ((vehicles, own_plates), (cards, own_cards)):
            wanted = [(at, each.model_copy(update={"person": holders[at]})) for at in right for each in own[at]]
            done = _all(kind.put_many(work, site, [each for _, each in wanted]))
            for (at, _), each in zip(wanted, done, strict=True):
                acts[at].append(each.act)
        return [faults[at] or _act(acts[at]) for at in range(len(ready))]

    def _own(
        self,
        work: Work,
        site: Site,
        sheet: RecordsSheet,
        wanted: Sequence[Sequence[Any]],
        owners: Sequence[UUID | None],
        field: str,
    ) -> list[list[Any]]:
        """Return of each row what is to be held: as it stands, where it is there; a fault where it is somebody else's."""
        flat = [each for some in wanted for each in some]
        standing = dict(zip(map(id, flat), sheet.records.standing(work, site, flat), strict=True))
        return [
            [self._held(work, sheet, each, standing[id(each)], owner, field) for each in some]
            for some, owner in zip(wanted, owners, strict=True)
        ]

    def _held(self, work: Work, sheet: RecordsSheet, wanted: Any, rows: Sequence[Any], owner: UUID | None, field: str) -> Any:
        if not rows:
            return wanted
        if rows[0].person_id not in {None, owner}:
            error = RegistryError("this vehicle or card is registered for somebody else", 409, field)
            return Fault(field, error.chinese, error.message)
        merged = sheet.over(work, wanted, rows, set())
        return Fault(field, merged[0].zh, merged[0].en) if isinstance(merged, list) else merged

    def page(self, work: Work, asked: Asked) -> Page[Any]:
        """Return one page of the list of persons."""
        return self._persons.page(work, asked)

    def cells(self, work: Work, site: Site, shown: Sequence[Any], language: str) -> list[list[Cell]]:
        """Return the rows of a sheet that `ready` reads back."""
        held = [_held_by(work, kind, [each.id for each in shown]) for kind in (vehicles, cards)]
        found = zip(self._persons.cells(work, site, shown, language), shown, strict=True)
        sight = Sight(work.actor.role)
        return [[*cells, *(seen(_listed(some[each.id]), sight, CREDENTIALS) for some in held)] for cells, each in found]


def _resident(site: Site, person: Any, row: Cells) -> Resident | Faults:
    faults: Faults = person if isinstance(person, list) else []
    plates = [validated(VehicleWanted, {"site": site.id, "plate": text}) for text in parted(row.get("plates", ""))]
    held = [_card(site, text) for text in parted(row.get("cards", ""))]
    for name, wanted in (("plates", plates), ("cards", held)):
        faults += [Fault(name, each.zh, each.en) for found in wanted if isinstance(found, list) for each in found]
    return faults or Resident(person, plates, held)


def _card(site: Site, text: str) -> Any:
    try:
        number = read_card(text)
    except ValueError as error:
        return [Fault("cards", in_chinese(str(error), {}), str(error))]
    return validated(CardWanted, {"site": site.id, "raw": number.raw.hex().upper(), "bits": number.bits})


def _listed(held: Sequence[Vehicle | Card]) -> str:
    """Return plates or cards as one cell; codes are left out, since whoever has their text can pass."""
    texts = (each.plate or "" if isinstance(each, Vehicle) else _printed(each) for each in held if not _is_code(each))
    return "; ".join(filter(None, texts))


def _is_code(held: Vehicle | Card) -> bool:
    return isinstance(held, Card) and held.raw is None


def _printed(card: Card) -> str:
    return written_card(CardNumber(card.raw or b"", card.bits or 0))


def _held_by(work: Work, kind: Kind, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """Return what of this kind each of these persons holds."""
    held: dict[UUID, list[Any]] = {person: [] for person in ids}
    for row in work.session.scalars(select(kind.table).where(kind.table.person_id.in_(ids)).order_by(kind.table.id)):
        held[row.person_id].append(row)
    return held


def _all(done: Sequence[Put[Any] | RegistryError]) -> list[Put[Any]]:
    """Return what was done; raises what was refused, since a row is done as a whole or not at all."""
    for each in done:
        if isinstance(each, RegistryError):
            raise each
    return [each for each in done if isinstance(each, Put)]


def _act(acts: Sequence[Act]) -> Act:
    return acts[0] if acts[0] == "created" or set(acts) == {"unchanged"} else "changed"
