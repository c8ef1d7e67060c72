"""The registry's answers in JSON, read by the contract."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from edge.courier.errors import SyncError

Kind = TypeVar("Kind", bound=BaseModel)


def read_answer(kind: type[Kind], answer: bytes, what: str) -> Kind:
    """Return what was answered. Raises SyncError where it is of another version; `what` names it there."""
    try:
        return kind.model_validate_json(answer)
    except ValidationError as error:
        raise SyncError(f"{what} of another version: {error.errors()[0]['msg']}") from error
