"""Routes of visits."""

from fastapi import APIRouter

router = APIRouter()
