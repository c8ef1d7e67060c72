"""The job that takes erasures through the journals."""

from contextlib import AbstractContextManager
from typing import Final

from central.erasure.services import finish, retire
from central.jobs import repeated
from central.registry import Registry

EVERY_S: Final = 5.0


def erasures(registry: Registry, every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Carry on with erasures while the block lasts."""

    def act() -> None:
        finish(registry)
        retire(registry)

    return repeated("erasures", act, every_s, alone=registry.database.alone)
