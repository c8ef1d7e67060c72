"""The stream of what became of the office's commands: a stream of its own, so that no command waits for a result to be taken."""

from collections import deque

from access.contract.commands import CommandResult
from edge.courier.errors import RefusalError, SyncError
from edge.courier.registry import Registry

IDLE_S = 60.0
KEPT_MAX = 50  # while the registry is away; the gate's journal has them all


class ResultsStream:
    """Brings results back; one that cannot be brought now goes behind the others."""

    name = "results"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._waiting: deque[CommandResult] = deque(maxlen=KEPT_MAX)

    def note(self, result: CommandResult) -> None:
        """Take what is to be brought back; from any thread."""
        self._waiting.append(result)

    def step(self) -> float:
        """Bring one back; return the seconds until there may be another. Raises SyncError, RefusalError: then it waits."""
        if not self._waiting:
            return IDLE_S
        result = self._waiting.popleft()
        try:
            self._bring_back(result)
        except (SyncError, RefusalError):
            self._waiting.append(result)
            raise
        return 0.0

    def _bring_back(self, result: CommandResult) -> None:
        """Have the registry take it; one that it will never take is dropped."""
        path, body = f"/commands/{result.command}/result", result.model_dump_json().encode()
        try:
            self._registry.ask("POST", path, body, content_type="application/json")
        except RefusalError as error:
            if not error.is_for_good:
                raise
