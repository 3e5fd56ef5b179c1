"""How templates draw charts: ``{{ chart|drawing }}``, and ``{{ chart.table|lines }}``."""

from django import template

from analytics.charts.drawing import drawing_of, lines_of

register = template.Library()
register.filter("drawing", drawing_of)
register.filter("lines", lines_of)
