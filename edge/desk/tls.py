"""How the booth is reached: on this box alone without a certificate, from elsewhere over TLS, and under which names."""

import ssl

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
    try:
        context.load_cert_chain(booth.certificate, booth.key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError([f"booth.certificate: {booth.certificate} and {booth.key}: {_why(error, booth)}"]) from error
    return context


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
