"""One kept connection to a registry; only what the registry signed for that very request counts."""

import http.client
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from access.contract.signature import SIGNATURE_HEADER, SignatureError, verify_reply
from simulators.load.gates import PretendedGate

DEADLINE_S: Final = 30.0


class RefusedError(Exception):
    """No answer that counts; `kind` is the status, or what went wrong; the registry wants to be left for `retry_after_s`."""

    def __init__(self, kind: str, retry_after_s: float = 0.0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Registry:
    """Where the registry is; `tls` is None for plain HTTP."""

    host: str
    port: int
    tls: ssl.SSLContext | None

    @staticmethod
    def at(url: str, ca_file: str = "") -> "Registry":
        """Return the registry at `url`; ValueError for what is no address of one."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"{url} is no address of a registry: expected http://HOST:PORT")
        secure = parts.scheme == "https"
        tls = ssl.create_default_context(cafile=ca_file or None) if secure else None
        return Registry(parts.hostname, parts.port or (443 if secure else 80), tls)


class Wire:
    """One connection of one gate, opened anew where it was lost."""

    def __init__(self, registry: Registry) -> None:
        self._connection = (
            http.client.HTTPConnection(registry.host, registry.port, timeout=DEADLINE_S)
            if registry.tls is None
            else http.client.HTTPSConnection(registry.host, registry.port, timeout=DEADLINE_S, context=registry.tls)
        )

    def ask(self, gate: PretendedGate, method: str, path: str, stream: str, body: bytes) -> bytes:
        """Return the body of the registry's signed 2xx reply; raises RefusedError."""
        target, headers = gate.signed(method, path, stream, body, datetime.now(UTC))
        try:
            self._connection.request(method, target, body, headers)
            reply = self._connection.getresponse()
            answer = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise RefusedError(f"no answer: {type(error).__name__}") from error
        try:
            verify_reply(
                gate.identity.registry_key, headers[SIGNATURE_HEADER], reply.status, answer, reply.getheader(SIGNATURE_HEADER, "")
            )
        except SignatureError as error:
            raise RefusedError("not signed by the registry") from error
        if reply.status != http.client.OK:
            raise RefusedError(str(reply.status), _seconds(reply.getheader("Retry-After", "")))
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0
