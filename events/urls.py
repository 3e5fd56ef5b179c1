"""URLs of the attendee pages."""

from django.urls import URLPattern

app_name = "events"
urlpatterns: list[URLPattern] = []
