"""How pictures of records are sent and given over the API."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

_BINARY = {"schema": {"type": "string", "format": "binary"}}
# What the documents say of a route that takes a picture, and the `responses` of one that gives it.
SENT: dict[str, Any] = {"requestBody": {"required": True, "content": {"image/jpeg": _BINARY, "image/png": _BINARY}}}
GIVEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/jpeg": _BINARY}},
    304: {"description": "It is still the one of this ETag"},
}


async def _body(request: Request) -> bytes:
    return await request.body()


SentPicture = Annotated[bytes, Depends(_body)]
IfNoneMatch = Annotated[str, Header(alias="If-None-Match", max_length=200)]


def given(sha256: str, if_none_match: str, data: Callable[[], bytes]) -> Response:
    """Reply with a JPEG, or that it is still the one that the browser has."""
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, no-cache"}
    if headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(data(), media_type="image/jpeg", headers=headers)
