"""Captions: what an event wants, what was ordered of REACH, and what came of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import SessionType
from events.models.fields import LineField, ProseField
from kaltura_bridge.leases import Leased

ENTRY_ID = 20  # letters of an entry's id, and some to spare
ASSET_ID = 64  # letters of the id of captions
LANGUAGE = 60  # letters of Kaltura's longest name of a language
MOST_HOURS: Final = 24 * 60
#: A job at Kaltura moves captions to where their words are once a recording was cut.
RETIMED_WITHIN: Final = timedelta(hours=4)


class CaptionFeature(models.TextChoices):
    """What is ordered: captions of a recording, or of a broadcast while it runs."""

    RECORDING = "captions", _("Captions of recordings")
    LIVE = "live", _("Live captions")


class CaptionService(models.IntegerChoices):
    """Who writes them; the numbers are Kaltura's (VendorServiceType)."""

    HUMAN = 1, _("People")
    MACHINE = 2, _("A machine")
    HYBRID = 3, _("A machine, corrected by people")


class CaptionRule(models.Model):
    """What an event wants captions of, without anybody ordering each.

    Empty conditions fit every session. ``language`` is Kaltura's name of one; empty, each
    session gets its own.
    """

    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="+")
    name = LineField(_("name"), max_length=120, help_text=_("Such as: every recording."))
    is_active = models.BooleanField(_("in force"), default=True)
    feature = models.CharField(
        _("what"), max_length=8, choices=CaptionFeature.choices, default=CaptionFeature.RECORDING
    )
    session_type = models.CharField(
        _("only sessions of type"), max_length=12, choices=SessionType.choices, blank=True
    )
    track = models.ForeignKey(
        "events.Track",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only sessions of track"),
    )
    title_has = LineField(_("only sessions with this in their title"), max_length=80, blank=True)
    language = LineField(
        _("language"),
        max_length=LANGUAGE,
        blank=True,
        help_text=_("Empty: the language in which the session is planned."),
    )
    service_type = models.PositiveSmallIntegerField(
        _("written by"), choices=CaptionService.choices, null=True, blank=True
    )
    within_hours = models.PositiveIntegerField(
        _("ready within, in hours"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
        help_text=_("Such as 24 for a day. Empty: however long it takes."),
    )
    budget = models.DecimalField(
        _("budget"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("The rule orders no more than this costs altogether. Empty: no limit."),
    )
    shows_at_once = models.BooleanField(
        _("show to viewers at once"),
        default=True,
        help_text=_(
            "Captions may arrive hidden from viewers, as the account's REACH profile says. On: "
            "they are shown as soon as they are delivered. Off: somebody of the team reads and "
            "shows them."
        ),
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("caption rule")
        verbose_name_plural = _("caption rules")

    def __str__(self) -> str:
        return self.name


class OrderState(models.TextChoices):
    """How far an order is: before it is sent, then the nine states of Kaltura's task."""

    HELD = "held", _("Cannot be ordered yet")
    WAITING = "waiting", _("Is being ordered")
    REFUSED = "refused", _("Refused by Kaltura")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    PENDING = "pending", _("Waits for the vendor")
    READY = "ready", _("Delivered")
    PROCESSING = "processing", _("In work")
    MODERATION = "moderation", _("Waits for approval")
    REJECTED = "rejected", _("Rejected")
    ERROR = "error", _("The vendor failed")
    ABORTED = "aborted", _("Aborted")
    ENTRY_NOT_READY = "not_ready", _("Waits for the recording")
    SCHEDULED = "scheduled", _("Scheduled with the vendor")


#: Kaltura's EntryVendorTaskStatus. 2 means finished; its guides say otherwise.
TASK_STATES: Final = {
    "1": OrderState.PENDING,
    "2": OrderState.READY,
    "3": OrderState.PROCESSING,
    "4": OrderState.MODERATION,
    "5": OrderState.REJECTED,
    "6": OrderState.ERROR,
    "7": OrderState.ABORTED,
    "8": OrderState.ENTRY_NOT_READY,
    "9": OrderState.SCHEDULED,
}
#: Nothing changes any more.
ORDER_ENDS: Final = frozenset(
    {
        OrderState.REFUSED,
        OrderState.WITHDRAWN,
        OrderState.READY,
        OrderState.REJECTED,
        OrderState.ERROR,
        OrderState.ABORTED,
    }
)
#: Of these nothing is charged; what was is given back.
FREE_STATES: Final = ORDER_ENDS - {OrderState.READY}
ABORTABLE: Final = frozenset({OrderState.PENDING, OrderState.MODERATION, OrderState.SCHEDULED})
UNSENT: Final = frozenset({OrderState.HELD, OrderState.WAITING})


class OrderWish(models.TextChoices):
    """What a person wants of an order, until a worker has told Kaltura."""

    ABORT = "abort", _("Abort")
    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")


class PlanChange(models.TextChoices):
    """Why live captions that were ordered are no longer right."""

    MOVED = "moved", _("The session was moved")
    RENEWED = "renewed", _("The broadcast was made anew at Kaltura")
    CANCELLED = "cancelled", _("The session was cancelled")
    UNPUBLISHED = "unpublished", _("The session is not published any more")
    UNFIT = "unfit", _("The session is no broadcast any more")
    DELETED = "deleted", _("The session was deleted")


class CaptionOrder(Leased):
    """One order of captions. ``key`` travels along, so that it is found again.

    ``adding_since`` says that the order was sent, or was about to be, and nobody knows the
    outcome: a task may exist. Prices are in the account's own unit of credit. An order outlives
    its session: it was paid. ``plan_change`` says why it was given up; such an order stands in
    the way of no other, and ``replaces`` is on the one that a person's order was followed by.
    """

    session = models.ForeignKey(
        "events.Session", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    event = models.ForeignKey(
        "events.Event", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    session_uuid = models.UUIDField(db_index=True, editable=False)
    session_title = LineField(max_length=250, blank=True)
    rule = models.ForeignKey(
        CaptionRule, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry_id = models.CharField(max_length=ENTRY_ID)
    feature = models.CharField(max_length=8, choices=CaptionFeature.choices)
    language = LineField(max_length=LANGUAGE, blank=True)
    catalog_item_id = models.PositiveBigIntegerField(null=True, blank=True)
    item_name = LineField(max_length=200, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    state = models.CharField(
        max_length=12, choices=OrderState.choices, default=OrderState.WAITING, db_index=True
    )
    reason = ProseField(blank=True, help_text=_("Why it stands as it does, for people."))
    task_id = models.PositiveBigIntegerField(null=True, blank=True, unique=True)
    adding_since = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    look_at = models.DateTimeField(default=timezone.now, db_index=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Of live captions: for which start they were ordered.")
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    scheduled_event_id = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("Of live captions: on which event at Kaltura they hang.")
    )
    plan_change = models.CharField(max_length=12, choices=PlanChange.choices, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by"
    )
    wish = models.CharField(max_length=8, choices=OrderWish.choices, blank=True)
    wish_reason = LineField(max_length=200, blank=True)
    output_id = models.CharField(
        max_length=ASSET_ID, blank=True, help_text=_("The captions that were delivered.")
    )
    shows_at_once = models.BooleanField(default=True)
    show_decided_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it was seen to that viewers see what came of it.")
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("caption order")
        verbose_name_plural = _("caption orders")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "session", "entry_id", "language"],
                condition=models.Q(rule__isnull=False, plan_change=""),
                name="caption_order_once_a_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_feature_display()}: {self.title}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With what it is known by once its session is gone."""
        if self._state.adding and self.session is not None:
            self.event_id, self.session_uuid = self.session.event_id, self.session.uuid
            self.session_title = self.session.title
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        """Of its session, or as it was when this was ordered."""
        return str(self.session) if self.session else self.session_title

    @property
    def cost(self) -> Any:
        """What it costs as things stand; None: not known."""
        return 0 if self.state in FREE_STATES else self.price

    @property
    def is_over(self) -> bool:
        return self.state in ORDER_ENDS


class ReachCatalogue(models.Model):
    """The account's REACH profiles and catalogue items, as a worker has last read them.

    ``error`` says why they could not be read since ``read_at``.
    """

    FRESH_FOR: ClassVar = timedelta(minutes=15)

    partner_id = models.PositiveBigIntegerField(unique=True)
    profiles: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    items: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list, blank=True
    )
    read_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    empty_since = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when Kaltura answers with less than there was.")
    )
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("REACH catalogue")

    def __str__(self) -> str:
        return f"REACH catalogue of {self.partner_id}"


class Transcript(models.Model):
    """What is said in one recording of a session: its captions, and when to look again."""

    session = models.ForeignKey("events.Session", on_delete=models.CASCADE, related_name="+")
    entry_id = models.CharField(max_length=ENTRY_ID)
    look_at = models.DateTimeField(default=timezone.now, db_index=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    cut_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When a cut of the recording was seen, until it has captions that fit."),
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "entry_id"], name="transcript_once_an_entry")
        ]

    def __str__(self) -> str:
        return f"captions of {self.entry_id}"

    @property
    def is_overdue(self) -> bool:
        """Whether Kaltura has had its time, and what fits may not come by itself."""
        return self.cut_at is not None and timezone.now() >= self.cut_at + RETIMED_WITHIN


class TrackWish(models.TextChoices):
    """What is wanted of captions at Kaltura, until a worker has told it."""

    SHOW = "show", _("Show to viewers")
    HIDE = "hide", _("Hide from viewers")


class CaptionTrack(Leased):
    """The captions of a recording in one language, as plain cues.

    ``cues`` are [from, to, speaker, text], times in milliseconds. ``words`` is the same text
    folded for searching. Tracks that Kaltura does not show in its player are not
    ``is_shown``: nobody but the team reads them (``readable``). ``wish`` is for a worker to
    carry out from ``wish_at`` on; ``trouble`` says why the last one could not be. ``is_outdated``:
    its times are those from before its recording was cut.
    """

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="tracks")
    asset_id = models.CharField(max_length=ASSET_ID)
    language = LineField(max_length=LANGUAGE, blank=True)
    language_code = LineField(max_length=16, blank=True)
    label = LineField(max_length=200, blank=True)
    format = models.CharField(max_length=8, blank=True)  # 1 SRT, 2 DFXP, 3 WebVTT
    is_default = models.BooleanField(default=False)
    is_shown = models.BooleanField(default=True)
    is_outdated = models.BooleanField(default=False)
    wish = models.CharField(max_length=8, choices=TrackWish.choices, blank=True)
    wish_at = models.DateTimeField(null=True, blank=True, db_index=True)
    trouble = ProseField(blank=True)
    version = models.CharField(max_length=40, blank=True)
    cues: models.JSONField[list[list[Any]], list[list[Any]]] = models.JSONField(
        default=list, blank=True
    )
    words = ProseField(blank=True)
    fetched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-is_default", "language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "asset_id"], name="caption_track_once_an_asset"
            )
        ]

    def __str__(self) -> str:
        return self.label or self.language or self.asset_id

    @classmethod
    def readable(cls) -> models.Q:
        """Those that viewers may read: shown by Kaltura, not about to be hidden, and in time."""
        return models.Q(is_shown=True, is_outdated=False) & ~models.Q(wish=TrackWish.HIDE)

    @property
    def is_readable(self) -> bool:
        return self.is_shown and not self.is_outdated and self.wish != TrackWish.HIDE
