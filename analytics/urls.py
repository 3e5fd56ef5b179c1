"""URLs of people's own attendance: their certificates, and the join page's presence."""

from django.urls import URLPattern, path, re_path

from analytics.credits import views as credits
from analytics.presence import views as presence
from analytics.privacy import my_pages

_CODE = "(?P<code>[0-9A-Za-z]{5}(?:-[0-9A-Za-z]{5}){3})"

app_name = "analytics"
urlpatterns: list[URLPattern] = [
    path("me/data/", my_pages.my_data_page, name="my_data"),
    path("me/data/my-data.json", my_pages.my_data_file, name="my_data_file"),
    path("me/data/consent/", my_pages.answer_consent, name="answer_consent"),
    path("me/certificates/", credits.my_certificates, name="my_certificates"),
    re_path(rf"^me/certificates/{_CODE}\.pdf$", credits.certificate_pdf, name="certificate_pdf"),
    re_path(rf"^certificates/{_CODE}/$", credits.check_certificate, name="certificate"),
    path(
        "e/<slug:event_slug>/sessions/<slug:session_slug>/presence/",
        presence.presence,
        name="presence",
    ),
]
