"""Guards and the hash of their PIN, which goes to the booths so that they can sign in offline."""

from collections.abc import Sequence

from typing_extensions import override

from access.contract.records import AnyRecord, GuardRecord
from central.duty.schemas import GuardShown, GuardWanted
from central.errors import RegistryError
from central.hashing import hash_secret, is_secret
from central.records.services import Records
from central.registry import Work
from central.tables import Guard, Site


class Guards(Records[Guard, GuardWanted, GuardShown]):
    """Guards, by badge number."""

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
        if pin is not None and not pin.isdigit():
            raise RegistryError("a PIN is digits only", 422, "pin")
        if pin is not None and not (row.pin_hash and is_secret(row.pin_hash, pin)):
            row.pin_hash = hash_secret(pin, work.rng)
        row.name, row.badge, row.status = wanted.name, wanted.badge, wanted.status

    @override
    def key(self, wanted: GuardWanted) -> dict[str, object]:
        return {"badge": wanted.badge}

    @override
    def rules(self, site: Site, row: Guard) -> Sequence[AnyRecord]:
        """Tell name, badge and the hash of the PIN."""
        shown = GuardShown.model_validate(row)
        return (GuardRecord(id=row.id, name=shown.name, badge=shown.badge, pin_hash=row.pin_hash, status=shown.status),)


guards = Guards()
