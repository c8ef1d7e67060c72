"""The registry as an ASGI application."""

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import ASGIApp
from typing_extensions import override

from access.contract import API_PREFIX
from central import problems
from central.access_rules.routes import router as access_rules_router
from central.audit.routes import router as audit_router
from central.booth.routes import router as counts_router
from central.cards.routes import router as cards_router
from central.checkpoints import routes as checkpoints
from central.codes.pace import Pace
from central.codes.routes import router as codes_router
from central.commands import routes as commands
from central.config import OFFICE_PREFIX, Settings
from central.contractors.routes import router as contractors_router
from central.deny import routes as deny
from central.dispute.routes import router as dispute_router
from central.duty.incidents import router as incidents_router
from central.duty.routes import router as duty_router
from central.early import routes as early
from central.edges.office_routes import router as edges_office_router
from central.edges.polls import Polls
from central.edges.routes import invalid, wrong_key
from central.edges.routes import router as edges_router
from central.edges.services import WrongKeyError
from central.edges.turns import TAKES_TURN, Turns
from central.erasure.routes import router as erasure_router
from central.facts.routes import edge_router as facts_router
from central.files.importer import Importer
from central.files.routes import router as files_router
from central.goods.routes import router as goods_router
from central.health import routes as health
from central.journal.gap_routes import router as gaps_router
from central.journal.quarantine_routes import router as quarantine_router
from central.journal.reading import Reads, read_here
from central.journal.routes import router as journal_router
from central.ledger.routes import router as ledger_router
from central.log.routes import router as log_router
from central.log_export.routes import router as log_export_router
from central.log_export.sending import Turns as SheetTurns
from central.looks.routes import router as looks_router
from central.masking.leaving import leave_masked
from central.office.application import install as install_office
from central.office_keys.routes import router as keys_router
from central.oidc.provider import Provider
from central.oidc.routes import router as oidc_router
from central.openapi import completed
from central.people.routes import router as people_router
from central.places.routes import router as places_router
from central.privacy.routes import router as privacy_router
from central.registry import Registry
from central.retention.routes import router as retention_router
from central.rules_changes.routes import router as rules_changes_router
from central.sites.routes import router as sites_router
from central.spaces.routes import router as spaces_router
from central.tree.routes import router as tree_router
from central.users.routes import router as users_router
from central.vehicles.routes import router as vehicles_router
from central.visits.routes import router as visits_router
from central.wire import BoundedBodies, BrowserRules, SignedReplies

OFFICE_ROUTERS = (
    users_router,
    oidc_router,
    sites_router,
    people_router,
    vehicles_router,
    spaces_router,
    cards_router,
    access_rules_router,
    duty_router,
    incidents_router,
    edges_office_router,
    log_router,
    log_export_router,
    looks_router,
    counts_router,
    dispute_router,
    ledger_router,
    quarantine_router,
    gaps_router,
    checkpoints.router,
    early.router,
    health.router,
    commands.router,
    audit_router,
    tree_router,
    files_router,
    rules_changes_router,
    goods_router,
    contractors_router,
    visits_router,
    keys_router,
    places_router,
    codes_router,
    erasure_router,
    retention_router,
    privacy_router,
)
EDGE_ROUTERS = (
    deny.edge_router,
    early.edge_router,
    checkpoints.edge_router,
    health.edge_router,
    facts_router,
    commands.edge_router,
)


class RegistryApp(FastAPI):
    """FastAPI whose every reply to a gate is signed: outermost, so that even the reply to a fault of ours is."""

    @override
    def openapi(self) -> dict[str, Any]:
        """Return what programs are told of the operations; it is the same for every registry, and so is made once."""
        return _document()

    @override
    def build_middleware_stack(self) -> ASGIApp:
        registry: Registry = self.state.registry
        return SignedReplies(super().build_middleware_stack(), registry.key)


def create_app(settings: Settings) -> FastAPI:
    """Make the application for these settings; the database must have been migrated."""
    return app_of(Registry.open(settings))


def app_of(registry: Registry, read: Reads = read_here, oidc: Provider | None = None) -> FastAPI:
    """Make the application of an open registry; `read` reads large batches of entries, `oidc` vouches for users."""
    app = _bare()
    app.router = _prepared()
    app.state.registry = registry
    app.state.read = read
    app.state.oidc = oidc
    app.state.importer = Importer(registry)
    app.state.pace = Pace()
    app.state.polls = Polls(registry)
    app.state.turns = Turns(registry.rng)
    app.state.sheets = SheetTurns()
    app.add_middleware(BrowserRules)
    app.add_middleware(BoundedBodies)
    problems.install(app)
    app.add_exception_handler(WrongKeyError, wrong_key)
    app.add_exception_handler(RequestValidationError, invalid)
    return app


@cache
def _prepared() -> APIRouter:
    """Return the routes of all programs and pages: to look into some four hundred takes a second, and once is enough."""
    app = with_routes()
    install_office(app)
    return app.router


@cache
def _document() -> dict[str, Any]:
    app = with_routes()
    return completed(FastAPI.openapi(app), app.routes)


def with_routes() -> RegistryApp:
    """Make the application without a registry, with the routes of all programs."""
    app = _bare()
    # In the order in which they are asked most: routes are looked through one after another.
    for router in (journal_router, *EDGE_ROUTERS, edges_router):
        app.include_router(router, prefix=API_PREFIX, dependencies=[TAKES_TURN])
    leave_masked(OFFICE_ROUTERS)
    for router in OFFICE_ROUTERS:
        app.include_router(router, prefix=OFFICE_PREFIX)
    app.include_router(_health())
    return app


def _bare() -> RegistryApp:
    return RegistryApp(
        title="Gatehouse registry",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{OFFICE_PREFIX}/openapi.json",
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
    )


def _operation_id(route: APIRoute) -> str:
    return route.name


def _health() -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health")
    async def health() -> dict[str, str]:
        """Say that the registry answers."""
        return {"status": "ok"}

    return router
