"""TLS with the registry's host: believed is the pinned authority alone where one is configured, else the system's."""

import ssl

from edge.config import CentralSection, ConfigError


def tls_context(central: CentralSection) -> ssl.SSLContext:
    """Return what TLS trusts and shows. Raises ConfigError where the authority or the gate's own certificate cannot be read."""
    try:
        context = ssl.create_default_context(cafile=None if central.ca_file is None else str(central.ca_file))
    except OSError as error:
        raise ConfigError([f"central.ca_file: {central.ca_file} cannot be used: {error}"]) from error
    if central.client_cert is not None:
        try:
            context.load_cert_chain(central.client_cert, central.client_key)
        except OSError as error:
            raise ConfigError([f"central.client_cert: {central.client_cert} cannot be used: {error}"]) from error
    return context
