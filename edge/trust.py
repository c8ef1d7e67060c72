"""Whom a gate believes to be the registry's host: the pinned authority alone where one is configured, else the system's."""

import ssl

from edge.config import CentralSection, ConfigError


def tls_context(central: CentralSection) -> ssl.SSLContext:
    """Return what TLS trusts. Raises ConfigError where the pinned authority cannot be read."""
    try:
        return ssl.create_default_context(cafile=None if central.ca_file is None else str(central.ca_file))
    except OSError as error:
        raise ConfigError([f"central.ca_file: {central.ca_file} cannot be used: {error}"]) from error
