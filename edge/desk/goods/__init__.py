"""Goods-release slips: checked line by line, trip by trip."""
