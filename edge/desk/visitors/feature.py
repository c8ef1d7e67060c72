"""This place as the booth knows it."""

from edge.desk.feature import Feature
from edge.desk.visitors.routes import router
from edge.desk.visitors.words import REFUSALS, TITLE

VISITORS = Feature("visitors", "V", TITLE, router, refusals=REFUSALS)
