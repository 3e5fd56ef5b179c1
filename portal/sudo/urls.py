"""Addresses of showing once more who one is."""

from django.urls import path

from portal.sudo import views

urlpatterns = [
    path("<str:name>/", views.ask, name="sudo_ask"),
    path("<str:name>/go-on/", views.go_on, name="sudo_go_on"),
]
