"""The worlds of visits and of goods, for tests of what booths show of them."""

from tests.central.goods.conftest import calendar, office
from tests.central.visits.conftest import world

__all__ = ["calendar", "office", "world"]
