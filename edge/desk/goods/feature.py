"""This place as the booth knows it."""

from edge.desk.feature import Feature
from edge.desk.goods.routes import router
from edge.desk.goods.words import REFUSALS, TITLE

GOODS = Feature("goods", "G", TITLE, router, refusals=REFUSALS)
