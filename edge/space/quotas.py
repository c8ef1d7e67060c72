"""How much each kind of file may take: as the configuration says, else by the size of the disk. Pure."""

from dataclasses import dataclass

from edge.config import SpaceSection

KIB, MIB, GIB = 1024, 1024**2, 1024**3
# Parts of the disk in percent, and the most that is taken of a large one.
DEFAULTS = {
    "pictures": (40, 8 * GIB),
    "snapshots": (10, 2 * GIB),
    "copies": (15, 4 * GIB),
    "journal": (25, 16 * GIB),
    "ballast": (1, 64 * MIB),
}


@dataclass(frozen=True, slots=True)
class Quotas:
    """Bytes. `disputed` is the part of `pictures` that those of disputed passages may take; `picture` is for each one."""

    pictures: int
    disputed: int
    snapshots: int
    copies: int
    journal: int
    ballast: int
    picture: int


def quotas(space: SpaceSection, disk: int) -> Quotas:
    """Return what holds on a disk of so many bytes."""

    def of(kind: str, mib: int | None) -> int:
        percent, most = DEFAULTS[kind]
        return min(disk * percent // 100, most) if mib is None else mib * MIB

    pictures = of("pictures", space.pictures_mib)
    return Quotas(
        pictures=pictures,
        disputed=pictures // 2 if space.disputed_mib is None else min(space.disputed_mib * MIB, pictures),
        snapshots=of("snapshots", space.snapshots_mib),
        copies=of("copies", space.copies_mib),
        journal=of("journal", space.journal_mib),
        ballast=of("ballast", space.ballast_mib),
        picture=space.picture_kib * KIB,
    )
