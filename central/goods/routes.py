"""Routes of goods."""

from fastapi import APIRouter

router = APIRouter()
