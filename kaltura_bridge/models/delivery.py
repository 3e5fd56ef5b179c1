"""How sessions are delivered: defaults on the event, and what a session overrides.

An empty value means “same as the event”, and on the event “the portal's default”
(delivery/options.py merges the three). The events app knows nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.files.fields import PictureField
from events.models.base import ProgrammeModel
from events.models.fields import LineField

if TYPE_CHECKING:
    from events.models import Event

# The digit is the data centre that created the entry.
validate_entry_id = RegexValidator(
    r"^[0-9]_[0-9a-z]{8}$",
    _(
        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from "
        "the entry's page at Kaltura."
    ),
)


# As the rule of user ids in api/ks.py: what goes into a KS must be one of these too.
validate_user_id = RegexValidator(
    r"^[A-Za-z0-9_.@-]{1,100}$",
    _(
        "This cannot be a user ID at Kaltura here. Use at most 100 letters, digits and the "
        "characters _ . @ -"
    ),
)
# One that holds a colon would be read as a setting of a room.
validate_words = RegexValidator(
    r"^[^:<>]*$", _("Leave out colons and angle brackets: Kaltura gives them a meaning.")
)
# Kaltura's own rule (KalturaCategory.php): letters and digits, four or more.
validate_privacy_context = RegexValidator(
    r"^[A-Za-z0-9]{4,50}$", _("Use 4 to 50 letters and digits, without spaces.")
)


class RecordingMode(models.TextChoices):
    """Whether a webcast is recorded; fields.py has Kaltura's value of each."""

    NONE = "none", _("Not recorded")
    APPENDED = "appended", _("One recording of everything")
    PER_SESSION = "per_session", _("One recording per broadcast")


class Chat(models.TextChoices):
    """When chat or questions are open beside the video."""

    OFF = "off", _("Off")
    ON = "on", _("Always open")
    SCHEDULED = "scheduled", _("Open around the session")


class Classification(models.TextChoices):
    """Who sees a session in Kaltura's own calendars; fields.py has Kaltura's value of each."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")
    CONFIDENTIAL = "confidential", _("Confidential")


class RoomForm(models.TextChoices):
    """What a room is at Kaltura: today an entry, on older accounts a resource with tags."""

    ENTRY = "entry", _("Room entries")
    LEGACY = "legacy", _("Location resources (older accounts)")


class RoomSharing(models.TextChoices):
    """How many sessions one room is for."""

    SESSION = "session", _("One room for each session")
    TRACK = "track", _("One room for each track")


class SecondDevice(models.TextChoices):
    """What becomes of an attendee who comes into a session from a second browser."""

    ALLOW = "allow", _("Several devices at once are allowed")
    REPLACE = "replace", _("The newer device replaces the older")
    REFUSE = "refuse", _("A second device is refused")


class PlayerChoice(models.TextChoices):
    """In what broadcasts and recordings are watched."""

    KAF = "kaf", _("Kaltura's page (KAF), with chat and questions")
    V7 = "v7", _("Player on a page of the portal (V7)")
    IFRAME = "iframe", _("Player in a plain frame, without our script")
    V2 = "v2", _("Older player (V2), which shows slides")


class Delivery(ProgrammeModel):
    """What an event sets for all its sessions, and each session can override."""

    dvr = models.BooleanField(
        _("viewers can rewind"),
        null=True,
        blank=True,
        help_text=_("While the session is live (DVR)."),
    )
    dvr_window_minutes = models.PositiveSmallIntegerField(
        _("rewind window, in minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("1 to 1440."),
    )
    recording = models.CharField(max_length=12, choices=RecordingMode.choices, blank=True)
    recordings_hidden = models.BooleanField(
        _("recordings hidden at Kaltura"),
        null=True,
        blank=True,
        help_text=_("Kaltura's own lists do not show them; this portal still plays them."),
    )
    recordings_copy_access = models.BooleanField(
        _("recordings can be seen by the same people"),
        null=True,
        blank=True,
        help_text=_("They are put where the broadcast stands (shouldCopyEntitlement)."),
    )
    recordings_archived = models.BooleanField(
        _("recordings are archived by themselves"),
        null=True,
        blank=True,
        help_text=_("As soon as the broadcast ends (shouldAutoArchive)."),
    )
    recordings_copy_thumbnail = models.BooleanField(
        _("recordings take over the image"),
        null=True,
        blank=True,
        help_text=_("Otherwise Kaltura takes one from the video (shouldCopyThumbnail)."),
    )
    recordings_copy_schedule = models.BooleanField(
        _("recordings take over the schedule"),
        null=True,
        blank=True,
        help_text=_("From when to when they can be seen (shouldCopyScheduling)."),
    )
    conversion_profile_id = models.PositiveIntegerField(
        _("conversion profile"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2**31 - 1)],
        help_text=_("ID of a profile for live streams: into which qualities it is converted."),
    )
    push_publish = models.BooleanField(
        _("push to other services"),
        null=True,
        blank=True,
        help_text=_("Kaltura may pass the stream on. Only for accounts with this permission."),
    )
    owner_id = models.CharField(
        _("owner at Kaltura"),
        max_length=100,
        blank=True,
        validators=[validate_user_id],
        help_text=_("User or group ID. Owners can change the entry in Kaltura's own tools."),
    )
    admin_tags = LineField(
        _("admin tags"),
        max_length=250,
        blank=True,
        validators=[validate_words],
        help_text=_(
            "Separated by commas, beside those that make it a webcast. Not seen by viewers."
        ),
    )
    organizer = LineField(
        _("organiser"),
        max_length=200,
        blank=True,
        help_text=_("As Kaltura's calendars show it: a user, a group or a name."),
    )
    classification = models.CharField(
        _("seen in calendars as"), max_length=12, choices=Classification.choices, blank=True
    )
    calendar_tags = LineField(
        _("tags in the calendar"),
        max_length=250,
        blank=True,
        validators=[validate_words],
        help_text=_("Separated by commas. Viewers can see them."),
    )
    calendar_details = models.BooleanField(
        _("abstract and tags in the calendar"),
        null=True,
        blank=True,
        help_text=_("Each change of an abstract then takes two requests instead of one."),
    )
    preview = models.BooleanField(
        _("preview before going live"),
        null=True,
        blank=True,
        help_text=_("Viewers see nothing until the producer chooses Go live."),
    )
    self_serve = models.BooleanField(
        _("broadcast from the browser"),
        null=True,
        blank=True,
        help_text=_("With its camera and microphone; otherwise from an encoder."),
    )
    chat = models.CharField(_("group chat"), max_length=12, choices=Chat.choices, blank=True)
    questions = models.CharField(
        _("questions and answers"), max_length=12, choices=Chat.choices, blank=True
    )
    questions_before_minutes = models.PositiveSmallIntegerField(
        _("questions open before the start, in minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    questions_after_minutes = models.PositiveSmallIntegerField(
        _("questions stay open after the end, in minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    thumbnail = PictureField(
        _("image while not live"),
        blank=True,
        help_text=_("JPEG, PNG, WebP, AVIF or GIF, wide: 1920 × 1080 or so."),
    )
    thumbnail_url = models.URLField(
        _("or the address of one"),
        blank=True,
        max_length=500,
        help_text=_("A JPEG or PNG that Kaltura can reach. It keeps a copy."),
    )
    player = models.CharField(
        _("watched in"),
        max_length=8,
        choices=PlayerChoice.choices,
        blank=True,
        help_text=_("Broadcasts and recordings. Live rooms always open on Kaltura's page."),
    )
    player_uiconf_id = models.PositiveIntegerField(
        _("player ID"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(2**31 - 1)],
        help_text=_("Another player of the account (uiConf) of that version."),
    )
    room_tags: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("room settings"), default=dict, blank=True
    )
    lent_ids: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text=_("What belongs to other events, chosen by somebody who plans those too."),
    )

    class Meta:
        abstract = True


class EventDelivery(Delivery):
    """An event's defaults, and what can only be set for an event as a whole."""

    event = models.OneToOneField(
        "events.Event", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    room_form = models.CharField(
        _("rooms are created as"), max_length=8, choices=RoomForm.choices, default=RoomForm.ENTRY
    )
    room_sharing = models.CharField(
        _("rooms are for"),
        max_length=8,
        choices=RoomSharing.choices,
        default=RoomSharing.SESSION,
        help_text=_(
            "Rooms and webinars of a track can share one, where slides and settings stay. Who "
            "is still inside when the next session begins is counted there too: attendance "
            "then goes by the time at which a session takes place. Sessions that overlap "
            "cannot share a room entry, and one recording may hold several sessions. Changing "
            "this recreates the rooms."
        ),
    )
    channel = models.BooleanField(
        _("one channel feeds all webcasts"),
        default=False,
        help_text=_(
            "Experimental: Kaltura documents it only with a diagram. One live "
            "entry is the channel; while it is live, the webcast that is "
            "scheduled at that time shows it."
        ),
    )

    second_device = models.CharField(
        _("a second device"),
        max_length=8,
        choices=SecondDevice.choices,
        default=SecondDevice.ALLOW,
        help_text=_(
            "Of attendees; people on stage and in the team may use several. Kaltura's rooms throw "
            "out the first device in any case."
        ),
    )
    prepare_drafts = models.BooleanField(
        _("prepare drafts for rehearsals"),
        default=False,
        help_text=_(
            "Creates the entries and rooms of drafts at Kaltura, in no channel "
            "and no calendar. Otherwise Kaltura has nothing of a draft."
        ),
    )
    privacy_context = models.CharField(
        _("privacy context"),
        max_length=50,
        blank=True,
        validators=[validate_privacy_context],
        help_text=_(
            "A name of your own, such as spring2027. Kaltura then knows who is registered, as "
            "members of the event's category, and shows what is in it to members only where the "
            "event is not open to everybody. Empty: Kaltura knows no members."
        ),
    )
    gallery = models.BooleanField(
        _("Kaltura's gallery beside the agenda"),
        default=False,
        help_text=_(
            "A second view of the event and of each track: Kaltura's own page with its videos. "
            "The agenda stays."
        ),
    )
    recordings_by_hand = models.BooleanField(
        _("recordings are published by hand"),
        default=False,
        help_text=_(
            "On the recordings desk. Otherwise attendees see a recording as soon as it is ready."
        ),
    )
    recordings_download = models.BooleanField(
        _("attendees may download recordings"),
        default=False,
        help_text=_("Those that are published, and only who may watch them."),
    )
    recordings_redirect = models.BooleanField(
        _("Kaltura leads viewers to the recording"),
        default=False,
        help_text=_(
            "From the end of a webcast on, as soon as its recording is published: in Kaltura's own "
            "pages and in players elsewhere as well (KalturaLiveRedirectScheduleEvent)."
        ),
    )

    # What a worker saw when it opened the gallery itself; it is not a choice of the team's.
    gallery_refused = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=_("How KAF refused the gallery when it was last tried; empty: it did not."),
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.event)


class SessionDelivery(Delivery):
    """What a session overrides, and what only its type needs."""

    session = models.OneToOneField(
        "events.Session", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    slides_entry_id = models.CharField(
        _("slides"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID."),
    )
    room_template_id = models.CharField(
        _("template room"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID of a room whose look and mode are copied when this room is created."),
    )
    recording_entry_id = models.CharField(
        _("entry for the recording"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID. A room made as a location resource records into it."),
    )
    source_entry_id = models.CharField(
        _("video to play"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID. Simulive plays it as if it were live."),
    )
    pre_clip_id = models.CharField(
        _("clip before the video"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID. It ends when the session starts."),
    )
    post_clip_id = models.CharField(
        _("clip after the video"), max_length=20, blank=True, validators=[validate_entry_id]
    )
    replay = models.BooleanField(
        _("the video stays available"),
        default=True,
        help_text=_("After the end, viewers can watch the video itself (simulive)."),
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.session)

    @property
    def event(self) -> Event:
        """The event whose files these are."""
        return self.session.event
