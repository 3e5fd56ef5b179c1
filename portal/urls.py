"""Every address of the portal. The apps own theirs; operations live here."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, metrics
from portal.sign_in import views as sign_in

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.page, name="metrics"),
    path("accounts/login/password/", sign_in.password_login, name="account_login_password"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("kaltura_bridge.urls")),
    path("", include("analytics.urls")),
    path("", include("events.urls")),
]

if settings.DEMO:
    urlpatterns.insert(0, path("demo/", include("portal.demo.urls")))
