"""URLs of the attendee pages."""

from django.urls import path, re_path

from events.views import (
    agenda,
    event,
    feedback,
    feeds,
    files,
    home,
    mine,
    news,
    offline,
    people,
    profile,
    registering,
    session,
    widget,
)

app_name = "events"
urlpatterns = [
    path("", home.home, name="home"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("widget.js", widget.widget_script, name="widget_script"),
    path("offline/", offline.offline_page, name="offline"),
    path("me/agenda/", mine.my_agenda, name="my_agenda"),
    path("me/agenda/feed/", mine.change_feed, name="change_feed"),
    re_path(r"^me/agenda/(?P<token>[0-9a-f]{64})\.ics$", mine.personal_ics, name="personal_ics"),
    path("me/stars/", people.merge_early_stars, name="merge_early_stars"),
    path("me/stars/count/", mine.change_counting, name="count_stars"),
    path("me/agenda/share/", mine.change_sharing, name="change_sharing"),
    re_path(r"^shared/(?P<token>[0-9a-f]{64})/$", mine.shared_agenda, name="shared_agenda"),
    path("me/profile/", profile.profile, name="profile"),
    path(
        "people/<uuid:person>/picture.jpg",
        profile.profile_picture,
        name="profile_picture",
    ),
    path("me/news/", news.news_settings, name="news_settings"),
    re_path(
        r"^me/news/off/(?P<topic>day_ahead|soon|changed)/(?P<token>[0-9a-f]{64})/$",
        news.news_off,
        name="news_off",
    ),
    re_path(r"^invitation/(?P<token>[0-9a-f]{64})/$", registering.invitation, name="invitation"),
    path("e/<slug:slug>/", event.event_page, name="event"),
    path("e/<slug:slug>/theme.css", feeds.event_theme, name="theme"),
    path("e/<slug:slug>/widget/", widget.widget, name="widget"),
    path("e/<slug:slug>/app.webmanifest", offline.app_manifest, name="app_manifest"),
    path("e/<slug:slug>/icon.svg", offline.app_icon, name="app_icon"),
    path("e/<slug:slug>/pictures/<slug:digest>-<int:width>.webp", files.picture, name="picture"),
    path("e/<slug:slug>/preview.jpg", files.preview, name="preview"),
    path("e/<slug:slug>/agenda/", agenda.agenda, name="agenda"),
    path("e/<slug:slug>/agenda.ics", feeds.agenda_ics, name="agenda_ics"),
    path("e/<slug:slug>/schedule.xml", feeds.schedule_xml, name="schedule_xml"),
    path("e/<slug:slug>/schedule.json", feeds.schedule_json, name="schedule_json"),
    path("e/<slug:slug>/changes/", feeds.changes, name="changes"),
    path("e/<slug:slug>/changes.atom", feeds.changes_atom, name="changes_atom"),
    path("e/<slug:slug>/register/", registering.register, name="register"),
    path("e/<slug:slug>/withdraw/", registering.withdraw, name="withdraw"),
    path("e/<slug:slug>/bookmark/", people.bookmark, name="bookmark"),
    path(
        "e/<slug:slug>/sessions/<slug:session_slug>/",
        session.session_page,
        name="session",
    ),
    path(
        "e/<slug:slug>/sessions/<slug:session_slug>/documents/<uuid:document>/",
        files.document,
        name="document",
    ),
    path(
        "e/<slug:slug>/sessions/<slug:session_slug>/feedback/",
        feedback.feedback,
        name="feedback",
    ),
    path(
        "e/<slug:slug>/sessions/<slug:session_slug>/place/",
        registering.session_place,
        name="session_place",
    ),
    path(
        "e/<slug:slug>/sessions/<slug:session_slug>.ics",
        feeds.session_ics,
        name="session_ics",
    ),
    path(
        "e/<slug:slug>/speakers/<slug:speaker_slug>.ics",
        feeds.speaker_ics,
        name="speaker_ics",
    ),
    path(
        "e/<slug:slug>/speakers/<slug:speaker_slug>/",
        session.speaker_page,
        name="speaker",
    ),
]
