"""From an HTTP request to what its signature covers."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from access.contract.signature import EDGE_HEADER, SEQUENCE_HEADER, SIGNATURE_HEADER, STREAM_HEADER, SignedRequest
from central.errors import RegistryError

MessageT = TypeVar("MessageT", bound=BaseModel)

# Coroutines although they wait for little: of a plain function each request would make a call in another thread.


async def signed_request(request: Request) -> SignedRequest:
    """Read the headers of a signed request; RegistryError 401 where they are missing or malformed."""
    target: bytes = request.scope["raw_path"]
    if query := request.scope["query_string"]:
        target += b"?" + query
    try:
        return SignedRequest(
            request.method,
            target.decode("ascii"),
            UUID(request.headers[EDGE_HEADER]),
            request.headers[STREAM_HEADER],
            int(request.headers[SEQUENCE_HEADER]),
            await request.body(),
        )
    except (KeyError, ValueError) as error:
        raise RegistryError("this request is not signed as an edge signs", 401, "signature") from error


async def _signature(request: Request) -> str:
    return request.headers.get(SIGNATURE_HEADER, "")


Signed = Annotated[SignedRequest, Depends(signed_request)]
Signature = Annotated[str, Depends(_signature)]


def read_message(kind: type[MessageT], body: bytes, field: str) -> MessageT:
    """Read the message (JSON) that a signed body is; RegistryError 422 naming `field` for what is none of this version."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise RegistryError(f"no {field} of this version: {error.errors()[0]['msg']}", 422, field) from error
