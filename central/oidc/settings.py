"""What an administrator says of the OpenID provider: its address, what it knows the registry as, and whom it brings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from central.config import ConfigError
from central.users.rights import Role

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Rule(BaseModel):
    """Whoever has this value in this claim is a user of this role, bound to the site of this slug ("": all)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str
    value: str
    role: Role
    site: str = ""

    def fits(self, claims: Mapping[str, Any]) -> bool:
        """Tell whether the claim is this value, or a list with it."""
        found = claims.get(self.claim)
        return self.value in found if isinstance(found, list) else found == self.value


class OidcFlags(NamedTuple):
    """What `serve` was told; no issuer: nobody signs in this way."""

    issuer: str = ""
    client_id: str = ""
    secret_file: Path | None = None
    rules_file: Path | None = None


NO_OIDC = OidcFlags()


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The provider, and the rules by which users are made; the first that fits is taken."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    rules: tuple[Rule, ...] = ()

    @classmethod
    def read(cls, flags: OidcFlags) -> "OidcSettings | None":
        """Return the settings with what is in the files; raises ConfigError."""
        if not flags.issuer:
            return None
        if not flags.client_id or flags.secret_file is None:
            raise ConfigError("oidc: an issuer needs a client id and a file with its secret")
        if not is_safe(flags.issuer):
            raise ConfigError("oidc: the issuer is an https address")
        try:
            secret = flags.secret_file.read_text().strip()
            told = json.loads(flags.rules_file.read_text()) if flags.rules_file else []
            rules = TypeAdapter(tuple[Rule, ...]).validate_python(told)
        except OSError as error:
            raise ConfigError(f"oidc: {error.filename}: {error.strerror}") from error
        except (ValueError, ValidationError) as error:
            raise ConfigError('oidc: the rules are a list of {"claim", "value", "role", "site"}') from error
        return cls(flags.issuer, flags.client_id, secret, rules)


def is_safe(address: str) -> bool:
    """Tell whether an address is TLS, or on this machine: passwords and keys go no other way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
