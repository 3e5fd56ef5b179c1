"""How templates draw charts and figures.

``{{ chart|drawing }}``, ``{{ chart.table|lines }}`` and ``{% figure_list figures as_of state %}``.
"""

from django import template

from analytics.charts.drawing import drawing_of, lines_of
from analytics.reports.figure_list import figure_list

register = template.Library()
register.filter("drawing", drawing_of)
register.filter("lines", lines_of)
register.simple_tag(figure_list)
