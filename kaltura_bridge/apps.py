"""App configuration."""

from django.apps import AppConfig


class KalturaBridgeConfig(AppConfig):
    """Registers the app with Django."""

    name = "kaltura_bridge"
    verbose_name = "Kaltura"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the domain, tell it how rooms and recordings stand, and add to its admin."""
        from events.agenda.beside import register_view
        from events.agenda.spoken import register_spoken
        from events.desk.needs import register as register_needs
        from events.files import owners
        from events.pages.more import register_link
        from events.programme.extending import register_place
        from events.remote import register_recorded_length, register_source
        from kaltura_bridge import checks, receivers  # noqa: F401  (importing registers them)
        from kaltura_bridge.admin import captions as captions_admin
        from kaltura_bridge.admin import (
            control_room,
            delivery,
            devices,
            event_panels,
            joining,
            recordings,
        )
        from kaltura_bridge.captions.transcript import spoken_words
        from kaltura_bridge.captions.views import transcript_link, transcript_panel
        from kaltura_bridge.control_room.needs import coming_sessions, sync_trouble
        from kaltura_bridge.delivery import conflicts, receipts
        from kaltura_bridge.delivery.options import has_thumbnail
        from kaltura_bridge.gallery.places import GALLERY_VIEW
        from kaltura_bridge.join import panels
        from kaltura_bridge.join.destination import remote_state
        from kaltura_bridge.join.devices import device_panel
        from kaltura_bridge.join_tests import alarms  # noqa: F401  (registers its mail)
        from kaltura_bridge.live.shared_room import room_of_track
        from kaltura_bridge.members import receivers as member_receivers  # noqa: F401
        from kaltura_bridge.recordings.choosing import recorded_seconds

        register_source(remote_state)
        register_view(GALLERY_VIEW)
        register_recorded_length(recorded_seconds)
        register_place(room_of_track)
        owners.register(has_thumbnail)
        event_panels.register()
        delivery.register()
        conflicts.register()
        receipts.register()
        joining.register()
        devices.register()
        recordings.register()
        captions_admin.register()
        control_room.register()
        register_needs(coming_sessions)
        register_needs(sync_trouble)
        panels.register(device_panel)
        panels.register(transcript_panel)
        register_spoken(spoken_words)
        register_link(transcript_link)
