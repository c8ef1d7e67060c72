"""How the registry says no."""

from collections.abc import Mapping
from typing import Any

from central.problem_words import in_chinese


class RegistryError(Exception):
    """A refusal with its HTTP status; `field` names what was wrong in the request, `facts` go into the reply as they are.

    `message` is English and may have {places} for `values`; `chinese` says the same. `retry_after_s`: when to ask again
    (0: not told).
    """

    def __init__(
        self,
        message: str,
        status_code: int,
        field: str = "",
        facts: Mapping[str, object] | None = None,
        *,
        retry_after_s: int = 0,
        **values: Any,
    ) -> None:
        # Without values it is told as it is: it may be the text of another error, with braces of its own.
        self.message = message.format(**values) if values else message
        super().__init__(self.message)
        self.status_code = status_code
        self.field = field
        self.facts = facts or {}
        self.retry_after_s = retry_after_s
        self._template = message
        self._values = values

    @property
    def chinese(self) -> str:
        """The message in Chinese; in English where the catalogue does not know it."""
        return in_chinese(self._template, self._values)


class SeedError(Exception):
    """A file of a small estate that cannot be used; says where and why."""
