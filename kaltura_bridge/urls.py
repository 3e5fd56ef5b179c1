"""URLs of the live rooms."""

from django.urls import path

from kaltura_bridge import views

app_name = "kaltura"
_SESSION = "e/<slug:event_slug>/sessions/<slug:session_slug>/"
urlpatterns = [
    path(f"{_SESSION}join/", views.join, name="join"),
    path(f"{_SESSION}join/frame/", views.frame, name="frame"),
]
