"""Routes of levels, schedules and blocks."""

from uuid import UUID

from fastapi import APIRouter, Depends

from central.access_rules.schemas import BlockShown, BlockWanted, LevelShown, LevelWanted, ScheduleShown, ScheduleWanted
from central.access_rules.services import blocks, levels, schedules
from central.records.schemas import AskedQuery, Page
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["access rules"], dependencies=[Depends(allow(write=("admin",)))])


@router.get("/schedules")
def list_schedules(registry: TheRegistry, asked: AskedQuery) -> Page[ScheduleShown]:
    """List schedules, oldest first."""
    with registry.read() as work:
        return schedules.page(work, asked)


@router.get("/schedules/{record_id}")
def get_schedule(registry: TheRegistry, record_id: UUID) -> ScheduleShown:
    """Show one schedule."""
    with registry.read() as work:
        return schedules.get(work, record_id)


@router.post("/schedules", status_code=201)
def create_schedule(registry: TheRegistry, wanted: ScheduleWanted) -> ScheduleShown:
    """Create a schedule."""
    with registry.write() as work:
        return schedules.create(work, wanted)


@router.put("/schedules/{record_id}")
def change_schedule(registry: TheRegistry, record_id: UUID, wanted: ScheduleWanted) -> ScheduleShown:
    """Change a schedule, as a whole."""
    with registry.write() as work:
        return schedules.change(work, record_id, wanted)


@router.delete("/schedules/{record_id}", status_code=204)
def delete_schedule(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a schedule."""
    with registry.write() as work:
        schedules.delete(work, record_id)


@router.get("/levels")
def list_levels(registry: TheRegistry, asked: AskedQuery) -> Page[LevelShown]:
    """List levels, oldest first."""
    with registry.read() as work:
        return levels.page(work, asked)


@router.get("/levels/{record_id}")
def get_level(registry: TheRegistry, record_id: UUID) -> LevelShown:
    """Show one level."""
    with registry.read() as work:
        return levels.get(work, record_id)


@router.post("/levels", status_code=201)
def create_level(registry: TheRegistry, wanted: LevelWanted) -> LevelShown:
    """Create a level."""
    with registry.write() as work:
        return levels.create(work, wanted)


@router.put("/levels/{record_id}")
def change_level(registry: TheRegistry, record_id: UUID, wanted: LevelWanted) -> LevelShown:
    """Change a level, as a whole."""
    with registry.write() as work:
        return levels.change(work, record_id, wanted)


@router.delete("/levels/{record_id}", status_code=204)
def delete_level(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a level."""
    with registry.write() as work:
        levels.delete(work, record_id)


@router.get("/blocks")
def list_blocks(registry: TheRegistry, asked: AskedQuery) -> Page[BlockShown]:
    """List blocks, oldest first."""
    with registry.read() as work:
        return blocks.page(work, asked)


@router.get("/blocks/{record_id}")
def get_block(registry: TheRegistry, record_id: UUID) -> BlockShown:
    """Show one block."""
    with registry.read() as work:
        return blocks.get(work, record_id)


@router.post("/blocks", status_code=201)
def create_block(registry: TheRegistry, wanted: BlockWanted) -> BlockShown:
    """Create a block."""
    with registry.write() as work:
        return blocks.create(work, wanted)


@router.put("/blocks/{record_id}")
def change_block(registry: TheRegistry, record_id: UUID, wanted: BlockWanted) -> BlockShown:
    """Change a block, as a whole."""
    with registry.write() as work:
        return blocks.change(work, record_id, wanted)


@router.delete("/blocks/{record_id}", status_code=204)
def delete_block(registry: TheRegistry, record_id: UUID) -> None:
    """Delete a block."""
    with registry.write() as work:
        blocks.delete(work, record_id)
