"""The OpenID provider: where it sends people, what it says of who comes back, and by which keys that is believed."""

import base64
import hashlib
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from central.errors import RegistryError
from central.oidc.settings import OidcSettings, is_safe
from central.registry import Registry

# Signatures alone, by keys of the provider's own: never `none`, and never our secret as a key.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LEEWAY_S: Final = 60
TIMEOUT_S: Final = 10.0
KEYS_ANEW_AFTER_S: Final = 60.0
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """Asks the provider; what it tells of itself is kept, its keys until it signs by others. Used from several threads."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._about: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._lock = Lock()

    def way_in(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser goes to sign in, and comes `back` from."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "scope": "openid profile",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address: str = self._described()["authorization_endpoint"]
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def way_out(self) -> str:
        """Return where a browser ends the provider's own session; "" where it has no such page."""
        address = str(self._described().get("end_session_endpoint", ""))
        return f"{address}?{urlencode({'client_id': self.settings.client_id})}" if is_safe(address) else ""

    def claims_of_code(self, registry: Registry, code: str, back: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Return what the provider says of who brought this code; RegistryError 401, and 503 where it cannot be reached."""
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        auth = httpx.BasicAuth(self.settings.client_id, self.settings.secret)
        try:
            reply = httpx.post(self._described()["token_endpoint"], data=given, auth=auth, timeout=TIMEOUT_S)
            token = reply.json().get("id_token") if reply.status_code == 200 else None
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise _unreachable() from error
        if not isinstance(token, str):
            raise _not_believed()
        claims = self._believed(registry, token, nonce={"essential": True, "value": nonce}, exp={"essential": True})
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _not_believed()
        return claims

    def claims_of_logout(self, registry: Registry, token: str) -> Mapping[str, Any]:
        """Return whom the provider signed out, as it tells by itself; RegistryError 401."""
        claims = self._believed(registry, token, iat={"essential": True})
        events = claims.get("events")
        if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
            raise _not_believed()
        return claims

    def _believed(self, registry: Registry, token: str, **claims: Any) -> Mapping[str, Any]:
        """Return the claims of a token that the provider signed for us, and that holds now."""
        ours = {"iss": {"essential": True, "value": self.settings.issuer}, "sub": {"essential": "exp" in claims}}
        checked = jwt.JWTClaimsRegistry(
            now=int(registry.calendar().timestamp()),
            leeway=LEEWAY_S,
            aud={"essential": True, "value": self.settings.client_id},
            **ours,  # type: ignore[arg-type]  # the values are as the library names them
            **claims,
        )
        try:
            decoded = jwt.decode(token, self._keyset(registry), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            decoded = self._decoded_anew(registry, token)
        try:
            checked.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise _not_believed() from error
        return decoded.claims

    def _decoded_anew(self, registry: Registry, token: str) -> jwt.Token:
        """Try once more with the keys of now: providers change theirs. But not as often as somebody sends nonsense."""
        if registry.clock() - self._keys_at < KEYS_ANEW_AFTER_S:
            raise _not_believed()
        try:
            return jwt.decode(token, self._keyset(registry, anew=True), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise _not_believed() from error

    def _keyset(self, registry: Registry, *, anew: bool = False) -> KeySet:
        address = self._described()["jwks_uri"]
        with self._lock:
            if self._keys is None or anew:
                self._keys_at = registry.clock()
                self._keys = KeySet.import_key_set(_asked(address))  # type: ignore[arg-type]  # its form is checked there
            return self._keys

    def _described(self) -> dict[str, Any]:
        with self._lock:
            if not self._about:
                about = _asked(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                if about.get("issuer") != self.settings.issuer or not all(is_safe(str(about.get(n, ""))) for n in _ENDPOINTS):
                    raise _unreachable()
                self._about = about
            return self._about


def _asked(address: str) -> dict[str, Any]:
    try:
        told = httpx.get(address, timeout=TIMEOUT_S).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable() from error
    if not isinstance(told, dict):
        raise _unreachable()
    return told


def _unreachable() -> RegistryError:
    return RegistryError("who vouches for users cannot be asked now: sign in otherwise, or try again", 503, "oidc")


def _not_believed() -> RegistryError:
    return RegistryError("what came back from who vouches for users cannot be believed: begin again", 403, "oidc")
