"""Included only while DEMO is on."""

from django.urls import path

from portal.demo import views

urlpatterns = [
    path("", views.start, name="demo"),
    path("mail/", views.mailbox, name="demo-mail"),
]
