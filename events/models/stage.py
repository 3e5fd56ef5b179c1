"""What people on stage may change of what stands about them, and what they would like to."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText
from events.files.documents import LONGEST_NAME
from events.files.fields import DocumentField, PictureField
from events.models.base import Identified
from events.models.event import Event
from events.models.fields import LineField, ProseField
from events.models.people import User
from events.models.session import Session, Speaker


class StageScope(models.TextChoices):
    """How much of the programme people on stage may edit."""

    NOTHING = "nothing", _("nothing")
    PROFILE = "profile", _("their own profile")
    SESSIONS = "sessions", _("their profile, and title and abstract of their sessions")


class StageRules(models.Model):
    """What an event lets its speakers do themselves; one without a row has the defaults."""

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="stage_rules"
    )
    may_edit = models.CharField(
        _("speakers may edit"),
        max_length=10,
        choices=StageScope.choices,
        default=StageScope.SESSIONS,
    )
    needs_approval = models.BooleanField(
        _("changes wait for approval"),
        default=True,
        help_text=_("Off: what speakers save is on the pages at once."),
    )
    may_upload = models.BooleanField(
        _("speakers may add documents and links to their sessions"), default=False
    )

    sends_calendar = models.BooleanField(
        _("speakers get their sessions as a calendar file by mail"),
        default=False,
        help_text=_("When they are published, moved or cancelled, and when somebody joins one."),
    )
    asks_hours = models.BooleanField(
        _("speakers are asked when they can come"),
        default=False,
        help_text=_("The planner warns of sessions outside of what they say."),
    )
    calendar_version = models.PositiveBigIntegerField(default=0, editable=False)
    calendar_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"Speakers of {self.event}"

    @classmethod
    def of(cls, event: Event) -> StageRules:
        return cls.objects.filter(event=event).first() or cls(event=event)


class StageField(models.TextChoices):
    """One thing that a speaker may edit: of their profile, or of a session of theirs."""

    NAME = "name", _("Name")
    TITLE = "title", _("Position and organisation")
    BIOGRAPHY = "biography", _("Biography")
    PICTURE = "picture", _("Picture")
    LINKS = "links", _("Links")
    SESSION_TITLE = "session_title", _("Title of the session")
    ABSTRACT = "abstract", _("Abstract")
    MATERIAL = "material", _("Document or link")


class ProposalState(models.TextChoices):
    WAITING = "waiting", _("Waits for approval")
    TAKEN = "taken", _("Taken over")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SpeakerProposal(Identified):
    """What a speaker would like one field to be; the programme has it once somebody takes it.

    ``before`` is what the field was when they wrote ``value``: text, for links a list of
    address and label, for a picture its name. ``document`` belongs to a material.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="stage_proposals")
    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="proposals")
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, null=True, related_name="stage_proposals"
    )
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="stage_proposals"
    )
    field = models.CharField(max_length=16, choices=StageField.choices)
    before: models.JSONField[Any, Any] = models.JSONField(null=True)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    picture = PictureField(blank=True)
    document = DocumentField(blank=True)
    filename = LineField(max_length=LONGEST_NAME, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING
    )
    word = ProseField(blank=True, max_length=2000)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["event"], condition=Q(state="waiting"), name="proposals_that_wait"
            ),
        ]
        constraints = [
            # One wish for each field; documents are added beside each other.
            models.UniqueConstraint(
                fields=["speaker", "field"],
                condition=Q(state="waiting", session=None),
                name="proposal_once_a_profile_field",
            ),
            models.UniqueConstraint(
                fields=["speaker", "session", "field"],
                condition=Q(state="waiting") & ~Q(field="material"),
                name="proposal_once_a_session_field",
            ),
            PlainText(name="proposal_plain_text", lines=("filename",), texts=("word",)),
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()}, {self.speaker}"


class SpeakerAlias(models.Model):
    """Somebody who stood there twice: what the row that is gone was known by leads to the other.

    ``guid`` is its id in schedules, ``name`` what it was called, ``slug`` its address.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="speaker_aliases")
    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="aliases")
    guid = LineField(max_length=200)
    name = LineField(max_length=200)
    slug = models.SlugField(max_length=80)
    merged_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["event", "slug"], name="aliases_by_address")]
        constraints = [
            models.UniqueConstraint(fields=["event", "guid"], name="speaker_alias_once"),
            PlainText(name="speaker_alias_plain_text", lines=("guid", "name")),
        ]

    def __str__(self) -> str:
        return f"{self.name}, now {self.speaker}"


class StageCalendar(models.Model):
    """The calendar file that somebody on a stage was last owed by mail.

    ``sessions``: SEQUENCE by the primary key of each; ``number`` counts the mails.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="stage_calendars")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stage_calendars")
    sessions: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(default=dict)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="stage_calendar_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user.email} at {self.event}, mail {self.number}"


class SpeakerAvailability(models.Model):
    """Whether somebody on stage was asked when they can come, and has answered."""

    speaker = models.OneToOneField(
        Speaker, on_delete=models.CASCADE, primary_key=True, related_name="availability"
    )
    asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.speaker}: {self.answered_at or '-'}"
