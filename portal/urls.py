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
    # The same addresses and names as allauth's, which follow.
    path(
        "accounts/login/code/confirm/",
        sign_in.confirm_login_code,
        name="account_confirm_login_code",
    ),
    path(
        "accounts/confirm-email/",
        sign_in.confirm_email_code,
        name="account_email_verification_sent",
    ),
    path(
        "accounts/password/reset/confirm/",
        sign_in.confirm_password_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "accounts/oidc/<str:provider_id>/login/",
        sign_in.sso_login,
        name="openid_connect_login",
    ),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("portal.sign_in.second_step")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("admin/", admin.site.urls),
    path("", include("kaltura_bridge.urls")),
    path("", include("analytics.urls")),
    path("", include("events.urls")),
]

if settings.DEMO:
    urlpatterns.insert(0, path("demo/", include("portal.demo.urls")))
