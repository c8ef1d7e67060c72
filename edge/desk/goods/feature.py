"""This place as the booth knows it."""

from edge.desk.booth import Booth
from edge.desk.feature import Feature, Told
from edge.desk.goods import words
from edge.desk.goods.finding import fits, slips_now
from edge.desk.goods.routes import router
from edge.desk.goods.sheet import Written
from edge.desk.goods.vehicles import exits, vehicles_here
from edge.desk.goods.words import REFUSALS, TITLE
from edge.desk.recording import now


def _shown(booth: Booth, page: str, language: str) -> Told:
    """Say what the first page shows: who waits at which lane, and the slips by what is to be done with them."""
    written = Written(booth.config.gate.zone, language, now(booth))
    if page == "goods/slip":
        return Told(("goods/exits",), {"written": written, "of_goods": words, "exits": exits(booth)})
    if page != "goods/first":
        return Told(values={"written": written, "of_goods": words})
    slips = slips_now(booth)
    vehicles = vehicles_here(booth)
    named = {vehicle.lane.id: [slip for slip in slips if fits(slip, vehicle)] for vehicle in vehicles}
    groups = {group: [slip for slip in slips if slip.group == group] for group in words.GROUPS}
    values = {"written": written, "of_goods": words, "vehicles": vehicles, "named": named, "groups": groups}
    return Told(("goods/waiting", "goods/board"), values)


GOODS = Feature("goods", "G", TITLE, router, _shown, REFUSALS)
