"""A resident who invites: a visit is announced and approved at the registry, and its signed code given to the visitor."""

from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any, Final

import httpx

from central.config import OFFICE_PREFIX
from simulators.demo.registry import OFFICE_USER
from simulators.estate import Estate

ANSWER_WITHIN_S: Final = 2.0
VISIT_LASTS: Final = timedelta(hours=2)


class Host:
    """Invites by the office's API, for one resident after the other; for one thread."""

    def __init__(self, url: str, password: str, estate: Estate) -> None:
        self._client = httpx.Client(base_url=f"{url}{OFFICE_PREFIX}", timeout=ANSWER_WITHIN_S, trust_env=False)
        self._password = password
        self._units = cycle(holder.unit for holder in estate.residents)
        self._visitors = cycle(holder.name for holder in estate.visitors)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def invite(self) -> str:
        """Return the text of a new visit's code, "" where the registry is away or wants something else."""
        try:
            if "Authorization" not in self._client.headers:
                self._sign_in()
            visit = self._ask("POST", "/visits", self._wanted())["id"]
            self._ask("POST", f"/visits/{visit}/approve", {})
            code: str = self._ask("GET", f"/visits/{visit}/badge")["code"]
        except httpx.HTTPError:
            self._client.headers.pop("Authorization", None)  # another day, the session is over
            return ""
        return code

    def _sign_in(self) -> None:
        token = self._ask("POST", "/sign-in", {"name": OFFICE_USER, "password": self._password})["token"]
        self._client.headers["Authorization"] = f"Bearer {token}"
        self._site = self._ask("GET", "/sites")["items"][0]["id"]

    def _wanted(self) -> dict[str, Any]:
        return {
            "site": self._site,
            "category": "appointment",
            "host_unit": next(self._units),
            "valid_until": (datetime.now(UTC) + VISIT_LASTS).isoformat(),
            "details": {"name": next(self._visitors), "phone": "13800138000"},
        }

    def _ask(self, method: str, path: str, wanted: dict[str, Any] | None = None) -> Any:
        headers = {} if method == "GET" else {"If-Match": "*"}
        return self._client.request(method, path, json=wanted, headers=headers).raise_for_status().json()
