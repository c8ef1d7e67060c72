"""Guards and the hash of their PIN, which goes to the booths so that they can sign in offline."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from typing_extensions import override

from access.contract.records import AnyRecord, GuardRecord
from central.duty import pins
from central.duty.at_booth import tell_shifts_with
from central.duty.pins import PinHash
from central.duty.schemas import GuardShown, GuardWanted
from central.errors import RegistryError
from central.records import repository
from central.records.services import Records
from central.records.turns import take_turns
from central.records.validity import fill_validity
from central.registry import Registry, Work
from central.tables import Guard, Site
from central.users.rights import Role
from central.workflows.clock import each_apart

GUARDS_PER_TURN = 200
POSTED: Final[frozenset[Role]] = frozenset({"guard", "shift_leader"})


class Guards(Records[Guard, GuardWanted, GuardShown]):
    """Guards, by badge number; gates are told of those in force, and `ripen` takes note when that begins or ends."""

    table = Guard
    wanted = GuardWanted
    shown = GuardShown
    taken = "another guard of the site has this badge"

    @override
    def fill(self, work: Work, site: Site, row: Guard, wanted: GuardWanted) -> None:
        """Set all of a guard; a PIN that is the same keeps its hash, so that nothing new goes to the gates."""
        pin = wanted.pin.get_secret_value() if wanted.pin else None
        if pin is None and not row.pin_hash:
            raise RegistryError("a new guard needs a PIN", 422, "pin")
        if pin is not None and not pins.is_pin(pin):
            raise RegistryError("a PIN is digits only", 422, "pin")
        before = PinHash(row.pin_hash or "", bool(row.peppered))
        kept = before if pin is None else pins.settled(work, site.id, wanted.badge, before, pin)
        if kept != before:
            row.pin_hash, row.peppered, row.pin_changed_at = kept.text, kept.peppered, work.at
        fill_validity(row, wanted)
        row.name, row.badge, row.is_leader, row.phone = wanted.name, wanted.badge, wanted.is_leader, wanted.phone
        row.in_force = is_valid(row, work.at)

    @override
    def key(self, wanted: GuardWanted) -> dict[str, object]:
        return {"badge": wanted.badge}

    @override
    def rules(self, site: Site, row: Guard) -> Sequence[AnyRecord]:
        """Tell name, badge and the hash of the PIN."""
        if not row.in_force:
            return ()
        shown = GuardShown.model_validate(row)
        told = GuardRecord(
            id=row.id,
            name=shown.name,
            badge=shown.badge,
            pin_hash=row.pin_hash,
            status=shown.status,
            leader=row.is_leader,
            peppered=row.peppered,
        )
        return (told,)

    @override
    def followed(self, work: Work, site: Site, row: Guard) -> None:
        """Show at the guard's shifts what the guard is called by now."""
        tell_shifts_with(work, site, "guard", row.badge)

    @override
    def ahead(self, registry: Registry, wanted: GuardWanted) -> AbstractContextManager[None]:
        """Hash the PIN: that takes longer than all the rest."""
        pin = wanted.pin.get_secret_value() if wanted.pin else ""
        return pins.ahead(registry, wanted.site, {wanted.badge: pin})

    def is_due(self, work: Work) -> bool:
        """Tell whether the validity of a guard has begun or ended since gates were told."""
        return work.session.scalars(select(Guard.id).where(_is_due(work.at)).limit(1)).first() is not None

    def ripen(self, work: Work) -> int:
        """Tell gates whose validity has begun or ended; returns how many guards that were."""
        take_turns(work.session, select(Guard.site_id).where(_is_due(work.at)).distinct())
        query = select(Guard).where(_is_due(work.at)).limit(GUARDS_PER_TURN).with_for_update(skip_locked=True)

        def move(row: Guard) -> None:
            self.amend(work, row, lambda: setattr(row, "in_force", is_valid(row, work.at)))

        return each_apart(work, self.kind, work.session.scalars(query).all(), move)


guards = Guards()


def is_valid(row: Guard, at: datetime) -> bool:
    """Tell whether `at` is within the guard's validity."""
    return (row.valid_from is None or row.valid_from <= at) and (row.valid_until is None or at < row.valid_until)


def guard_of(session: Session, site_id: UUID, badge: str, at: datetime) -> Guard | None:
    """Return the guard of the site with this badge who may serve at that time, if there is one."""
    row = repository.find(session, Guard, site_id=site_id, badge=badge)
    return row if row and row.status == "active" and is_valid(row, at) else None


def checked_guard(work: Work, site_id: UUID, badge: str, at: datetime, field: str) -> Guard:
    """Return the guard with this badge who may serve at that time; RegistryError 422 naming `field`."""
    row = guard_of(work.session, site_id, badge, at)
    if row is None:
        raise RegistryError("no guard of the site serves under badge {badge} then", 422, field, badge=badge)
    return row


def badge_of(session: Session, site_id: UUID, named: str, at: datetime, field: str) -> str:
    """Return the badge of the guard who is meant by a badge or a name; RegistryError 422 naming `field`.

    Of several of one name the one is meant who may serve at that time.
    """
    if repository.find(session, Guard, site_id=site_id, badge=named) is not None:
        return named
    alike = session.scalars(select(Guard).where(Guard.site_id == site_id, Guard.name == named)).all()
    serving = [row for row in alike if row.status == "active" and is_valid(row, at)]
    if len(serving) == 1:
        return serving[0].badge
    if len(alike) > 1:
        raise RegistryError("more than one guard is called {name}: give the badge", 422, field, name=named)
    if not alike:
        raise RegistryError("the site has no guard {name}", 422, field, name=named)
    return alike[0].badge


def known_as(session: Session, site_id: UUID) -> dict[str, str]:
    """Return by their badges what `badge_of` knows the guards of a site by: the name, or of several of one name the badge."""
    names = dict(session.execute(select(Guard.badge, Guard.name).where(Guard.site_id == site_id)).all())
    times = Counter(names.values())
    return {badge: badge if times[name] > 1 or name in names else name for badge, name in names.items()}


def check_serves(work: Work, site_id: UUID, at: datetime) -> None:
    """Raise RegistryError 403 unless the guard or shift leader who acts may serve the site at that time; others are not asked.

    Nor is who acted at a gate: that was looked at as the entry was taken over.
    """
    badge = work.actor.who.id
    if work.entry is None and work.actor.role in POSTED and guard_of(work.session, site_id, badge, at) is None:
        raise RegistryError("no guard of the site serves under badge {badge} then", 403, badge=badge)


def own_badge(work: Work, site_id: UUID, badge: str | None, at: datetime, field: str) -> str:
    """Return under which badge something was done, without one the actor's; only others than guards may name another's.

    RegistryError 422 naming `field` where no such guard serves.
    """
    own = work.actor.who.id
    if badge is None or badge == own:
        return own
    if work.actor.role == "guard":
        raise RegistryError("a guard acts under the own badge only", 422, field)
    return checked_guard(work, site_id, badge, at, field).badge


def _is_due(at: datetime) -> ColumnElement[bool]:
    begun = or_(Guard.valid_from.is_(None), Guard.valid_from <= at)
    ended = and_(Guard.valid_until.is_not(None), Guard.valid_until <= at)
    return or_(and_(Guard.in_force, or_(~begun, ended)), and_(~Guard.in_force, begun, ~ended))
