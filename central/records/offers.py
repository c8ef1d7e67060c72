"""What the API offers of each kind, by the kind's name: for those who work with all kinds alike, as files do."""

from dataclasses import dataclass

from central.records.schemas import Asked
from central.users.rights import Area


@dataclass(frozen=True, slots=True)
class Offer:
    """The area whose rights hold for a kind, and what its list is narrowed by."""

    area: Area
    asked: type[Asked]


# Filled as the routes of the kinds are made.
OFFERS: dict[str, Offer] = {}
