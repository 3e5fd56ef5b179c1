"""URLs of the live rooms, and of Kaltura's notifications."""

from django.urls import path

from kaltura_bridge import webhooks
from kaltura_bridge.captions import views as captions
from kaltura_bridge.gallery import views as gallery
from kaltura_bridge.join import check, devices, views, waiting
from kaltura_bridge.live import desk, ingest, moderator, preview, studio
from kaltura_bridge.live.action_views import ACTIONS, action_page
from kaltura_bridge.main_stage import views as main_stage
from kaltura_bridge.recordings import pages
from kaltura_bridge.watch import state as watch_state

app_name = "kaltura"
_GALLERY = "e/<slug:event_slug>/gallery"
_SESSION = "e/<slug:event_slug>/sessions/<slug:session_slug>/"
_STAGE = "e/<slug:event_slug>/stage/<slug:track_slug>/"
urlpatterns = [
    path(f"{_GALLERY}/", gallery.gallery_page, name="gallery"),
    path(f"{_GALLERY}/<slug:track_slug>/", gallery.gallery_page, name="gallery_of_track"),
    path(f"{_GALLERY}-frame/", gallery.gallery_frame, name="gallery_frame"),
    path(
        f"{_GALLERY}-frame/<slug:track_slug>/",
        gallery.gallery_frame,
        name="gallery_frame_of_track",
    ),
    path(f"{_SESSION}join/", views.join, name="join"),
    path(f"{_SESSION}join/frame/", views.frame, name="frame"),
    path(f"{_SESSION}live/", desk.desk_page, name="live_desk"),
    path(f"{_SESSION}live/state/", desk.desk_state, name="live_state"),
    *(
        path(
            f"{_SESSION}live/{slug}/",
            action_page,
            {"action": slug},
            name=f"live_{slug.replace('-', '_')}",
        )
        for slug in ACTIONS
    ),
    path(f"{_SESSION}live/ingest/", ingest.ingest_page, name="live_ingest"),
    path(f"{_SESSION}live/preview/", preview.show_preview, name="live_preview"),
    path(f"{_SESSION}live/studio/", studio.studio_page, name="live_studio"),
    path(f"{_SESSION}live/studio/launch/", studio.launch_studio, name="live_studio_launch"),
    path(f"{_SESSION}live/questions/", moderator.moderator_page, name="live_moderator"),
    path(f"{_SESSION}live/questions/open/", moderator.open_questions, name="live_moderator_open"),
    path(f"{_SESSION}join/ticket/", views.ticket, name="ticket"),
    path(f"{_SESSION}join/here/", devices.here, name="here"),
    path(f"{_SESSION}join/tab/", views.tab, name="tab"),
    path(f"{_SESSION}join/on-air/", waiting.on_air, name="on_air"),
    path(f"{_SESSION}join/plays/", watch_state.plays, name="plays"),
    path(f"{_SESSION}join/check/", check.check, name="check"),
    path(f"{_SESSION}transcript/", captions.transcript, name="transcript"),
    path(
        f"{_SESSION}transcript/<int:pk>.<slug:form>", captions.captions_file, name="captions_file"
    ),
    path(_STAGE, main_stage.stage_page, name="main_stage"),
    path(f"{_STAGE}state/", main_stage.stage_state, name="main_stage_state"),
    path(f"{_SESSION}recording/", pages.recording_file, name="recording_file"),
    path("e/<slug:event_slug>/recordings/", pages.recordings_page, name="recordings"),
    path("webhooks/kaltura/", webhooks.receive, name="webhook"),
]
