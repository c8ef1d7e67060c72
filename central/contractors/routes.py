"""Routes of contractors."""

from fastapi import APIRouter

router = APIRouter()
