"""How the registry says no."""

from collections.abc import Mapping


class RegistryError(Exception):
    """A refusal with its HTTP status; `field` names what was wrong in the request, `facts` go into the reply as they are.

    `retry_after_s`: when to ask again (0: not told).
    """

    def __init__(
        self,
        message: str,
        status_code: int,
        field: str = "",
        facts: Mapping[str, object] | None = None,
        *,
        retry_after_s: int = 0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.field = field
        self.facts = facts or {}
        self.retry_after_s = retry_after_s
