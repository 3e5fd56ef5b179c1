"""URLs of the reports, and of the join page's presence."""

from django.urls import URLPattern, path

from analytics.presence import views

app_name = "analytics"
urlpatterns: list[URLPattern] = [
    path(
        "e/<slug:event_slug>/sessions/<slug:session_slug>/presence/",
        views.presence,
        name="presence",
    ),
]
