"""Routes of rules changes."""

from fastapi import APIRouter

router = APIRouter()
