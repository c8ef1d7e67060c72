"""Which accounts belong to which users."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from central.oidc import services
from central.oidc.schemas import IdentitiesShown, IdentityShown, IdentityWanted
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS, WRITES
from central.users.access import allow

router = APIRouter(prefix="/users/{record_id}/identities", tags=["users"], dependencies=[Depends(allow("users"))])


@router.get("", operation_id="list_identities_of_user", responses=READS)
def list_identities(desk: ADesk, record_id: UUID) -> IdentitiesShown:
    """List the accounts at an OpenID provider by which a user signs in."""
    with desk.reading() as work:
        return services.identities(work, record_id)


@router.post("", operation_id="link_identity_of_user", responses=CREATES, status_code=201, response_model=IdentityShown)
def link_identity(desk: AWritingDesk, record_id: UUID, wanted: IdentityWanted) -> Response:
    """Let a user sign in by an account at the OpenID provider."""
    return desk.change(lambda work: services.link(work, record_id, wanted), 201)


@router.delete("/{identity_id}", operation_id="unlink_identity_of_user", responses=WRITES, status_code=204)
def unlink_identity(desk: AWritingDesk, record_id: UUID, identity_id: UUID) -> Response:
    """Let a user sign in by this account no more; all sessions of the user end."""
    return desk.change(lambda work: services.unlink(work, record_id, identity_id))
