"""How the booth is reached: on this box alone without a certificate, from elsewhere over TLS, and under which names."""

import ssl
from pathlib import Path
from typing import Any

from cryptography import x509

from edge.config import ANY_ADDRESS, LOOPBACK, BoothSection, ConfigError


def hosts_of(booth: BoothSection) -> frozenset[str]:
    """Return the host names that a browser may ask for, as they stand in an address: any other is somebody else's page."""
    named = [*booth.names, *([] if booth.host in ANY_ADDRESS else [booth.host]), *LOOPBACK]
    return frozenset(f"[{name}]" if ":" in name else name.lower() for name in named)


def context_of(booth: BoothSection) -> ssl.SSLContext | None:
    """Return what TLS needs, None where the booth is for this box alone; raises ConfigError that says what is missing."""
    if booth.certificate is None or booth.key is None:
        return None
    for key, path in (("certificate", booth.certificate), ("key", booth.key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise ConfigError([f"booth.{key}: {path} cannot be read: {error.strerror}"]) from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, booth)
    return context


class Renewal:
    """Follows the files of a certificate: a renewed one serves from the next connection on, the one in use until it is whole."""

    def __init__(self, booth: BoothSection, context: ssl.SSLContext, log: Any) -> None:
        self._booth = booth
        self._context = context
        self._log = log
        self._read = self._marks()

    def look(self) -> None:
        """Read the files anew where they have changed; what does not belong together, or cannot be read, changes nothing."""
        marks = self._marks()
        if marks == self._read:
            return
        self._read = marks
        try:
            context_of(self._booth)
            _load(self._context, self._booth)
        except (ConfigError, OSError) as error:
            self._log.warning("certificate_not_renewed", error=str(error))
        else:
            self._log.info("certificate_renewed")

    def _marks(self) -> list[tuple[int, int, int] | None]:
        return [_mark(path) for path in (self._booth.certificate, self._booth.key)]


def _mark(path: Path | None) -> tuple[int, int, int] | None:
    """Return what tells one file from the next under a path, None where there is none."""
    try:
        told = path.stat() if path else None
    except OSError:
        return None
    return (told.st_ino, told.st_size, told.st_mtime_ns) if told else None


def _load(context: ssl.SSLContext, booth: BoothSection) -> None:
    assert booth.certificate is not None
    try:
        context.load_cert_chain(booth.certificate, booth.key, password=_no_password)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ConfigError([f"booth.certificate: {booth.certificate} and {booth.key}: {_why(error, booth)}"]) from error


def _no_password() -> str:
    """Answer for a key that is locked: nobody is here to type; OpenSSL would wait for them."""
    raise ValueError("the key has a password; the booth starts by itself and knows none")


def _why(error: Exception, booth: BoothSection) -> str:
    if not isinstance(error, ssl.SSLError):
        return str(error)
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    assert booth.certificate is not None
    try:
        x509.load_pem_x509_certificates(booth.certificate.read_bytes())
    except ValueError:
        return "the certificate is not in PEM"
    return "the key is not in PEM"
