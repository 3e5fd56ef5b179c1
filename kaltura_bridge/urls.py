"""URLs of the live rooms."""

from django.urls import URLPattern

app_name = "kaltura"
urlpatterns: list[URLPattern] = []
