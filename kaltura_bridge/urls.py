"""URLs of the live rooms, and of Kaltura's notifications."""

from django.urls import path

from kaltura_bridge import webhooks
from kaltura_bridge.join import views

app_name = "kaltura"
_SESSION = "e/<slug:event_slug>/sessions/<slug:session_slug>/"
urlpatterns = [
    path(f"{_SESSION}join/", views.join, name="join"),
    path(f"{_SESSION}join/frame/", views.frame, name="frame"),
    path("webhooks/kaltura/", webhooks.receive, name="webhook"),
]
