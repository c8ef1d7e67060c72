"""Puts the office's pages and their style sheet into the application."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from central.office.oidc_pages import router as oidc_router
from central.office.pages import router

STATIC = Path(__file__).parent / "static"


def install(app: FastAPI) -> None:
    """Add the pages."""
    app.include_router(router)
    app.include_router(oidc_router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
