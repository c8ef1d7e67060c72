"""What booths show of places: what is set of the work at posts, how gates are called, units that somebody may want to go to."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.booth_records import CategoryAtBooth, GateAtBooth, SettingsAtBooth, ShiftTime, UnitAtBooth, Worded
from central.access_rules.telling import tell
from central.pinyin import initials
from central.places.settings import settings_of
from central.places.tables import Building, Post, Unit
from central.records.turns import take_turn
from central.registry import Work
from central.tables import Card, Gate, Lane, Site

VISITOR_CARD = "visitor_card"
# More than booths know nobody chooses from.
POSTS_MAX = 200
LANES_MAX = 500
_WORDS = {"code", "zh", "en"}

# The reasons that a site has by default say what booths offer themselves, under these codes of theirs.
OF_BOOTHS: Final = {
    "车牌未能识别": "not_read",
    "卡或码无法读取": "not_read",
    "访客或送货已核实": "visitor",
    "急救、消防、警务车辆": "emergency",
    "设备故障或检修": "test",
    "其他": "other",
}


def settings_record(session: Session, site_id: UUID) -> SettingsAtBooth:
    """Return what a site has set of the work at its posts."""
    settings = settings_of(session, site_id)
    posts = session.scalars(select(Post.name).where(Post.site_id == site_id).order_by(Post.name))
    lent = select(Card.id).where(Card.site_id == site_id, Card.kind == VISITOR_CARD).limit(1)
    return SettingsAtBooth(
        id=site_id,
        categories=tuple(CategoryAtBooth(**each.model_dump()) for each in settings.visitor_categories),
        opening_reasons=tuple(
            Worded(code=OF_BOOTHS.get(each.zh, ""), zh=each.zh, en=each.en) for each in settings.manual_opening_reasons
        ),
        equipment=tuple(Worded(**each.model_dump(include=_WORDS)) for each in settings.equipment),
        shifts=tuple(ShiftTime(**each.model_dump()) for each in settings.shifts),
        posts=tuple(posts)[:POSTS_MAX],
        visit_hours_max=settings.visit_hours_max,
        host_answer_minutes=settings.host_answer_minutes,
        leaves_anywhere=settings.holds_duplicates_anywhere,
        work_hours=settings.work_hours_schedule,
        lends_cards=session.scalars(lent).first() is not None,
    )


def tell_settings(work: Work, site: Site) -> None:
    """Tell booths what of the work at posts is otherwise now: posts and cards are part of it."""
    take_turn(work.session, site.id)
    work.session.flush()
    tell(work.session, site, "booth_settings", [site.id], [settings_record(work.session, site.id)])


def gate_record(session: Session, gate: Gate) -> GateAtBooth:
    """Return what a gate and its posts are called, and its lanes."""
    posts = session.scalars(select(Post.name).where(Post.gate_id == gate.id).order_by(Post.name)).all()
    lanes = session.scalars(select(Lane.id).where(Lane.gate_id == gate.id).order_by(Lane.id)).all()
    return GateAtBooth(id=gate.id, name=gate.name, posts=tuple(posts)[:POSTS_MAX], lanes=tuple(lanes)[:LANES_MAX])


def tell_gates(work: Work, site: Site) -> None:
    """Tell booths what the gates of the site are called, and of which lanes and posts they are made, where that is news."""
    take_turn(work.session, site.id)
    work.session.flush()
    gates = work.session.scalars(select(Gate).where(Gate.site_id == site.id).order_by(Gate.id)).all()
    tell(work.session, site, "booth_gate", [gate.id for gate in gates], [gate_record(work.session, gate) for gate in gates])


def unit_record(building: Building, unit: Unit) -> UnitAtBooth:
    """Return what booths show of a unit."""
    return UnitAtBooth(id=unit.id, label=unit.label, initials=initials(building.name))
