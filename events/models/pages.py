"""What the pages of events, sessions and speakers show beside the programme."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText
from events.files.documents import LONGEST_NAME, shown_name
from events.files.fields import DocumentField, PictureField
from events.models.base import Identified, ProgrammeModel
from events.models.event import Event
from events.models.fields import LineField, ProseField, WebAddressField
from events.models.session import Session, Speaker


class Partner(ProgrammeModel, Identified):
    """Who makes an event possible: a name or a logo with a link, below others of one level."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="partners")
    name = LineField(_("name"), max_length=120)
    level = LineField(
        _("level"), max_length=60, blank=True, help_text=_("Such as Gold; the heading above.")
    )
    website = WebAddressField(_("website"), max_length=500, blank=True)
    logo = PictureField(_("logo"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [PlainText(name="partner_plain_text", lines=("name", "level", "website"))]

    def __str__(self) -> str:
        return self.name


class InfoBlock(ProgrammeModel, Identified):
    """Practical information on the page of an event: how to get there, where to sleep."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="info_blocks")
    title = LineField(_("title"), max_length=120)
    text = ProseField(_("text"), max_length=20_000, help_text=_("Markdown."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("block of information")
        verbose_name_plural = _("practical information")
        constraints = [PlainText(name="block_plain_text", lines=("title",), texts=("text",))]

    def __str__(self) -> str:
        return self.title


class SpeakerLink(ProgrammeModel):
    """Where else to find somebody who is on stage."""

    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="links")
    label = LineField(
        _("label"), max_length=80, blank=True, help_text=_("Empty: the address itself.")
    )
    url = WebAddressField(_("address"), max_length=500)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [PlainText(name="speaker_link_plain_text", lines=("label", "url"))]

    def __str__(self) -> str:
        return self.label or self.url


class Audience(models.TextChoices):
    """For whom something beside a session is."""

    PUBLIC = "public", _("whoever sees the session")
    REGISTERED = "registered", _("registered people")
    AFTERWARDS = "afterwards", _("registered people, after the end")


class SessionMaterial(ProgrammeModel, Identified):
    """A document or a link beside a session: slides, a paper, an exercise."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="materials")
    title = LineField(_("title"), max_length=200)
    file = DocumentField(_("file"), blank=True)
    filename = LineField(max_length=LONGEST_NAME, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text=_("In bytes."))
    url = WebAddressField(_("or link"), max_length=500, blank=True)
    audience = models.CharField(
        _("for"), max_length=12, choices=Audience.choices, default=Audience.PUBLIC
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("document or link")
        verbose_name_plural = _("documents and links")
        constraints = [
            PlainText(name="material_plain_text", lines=("title", "filename", "url")),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A row is a document or a link, never both and never neither."""
        super().clean()
        if self.file and self.url:
            raise ValidationError({"url": _("Choose a file or write a link, not both.")})
        if not self.file and not self.url:
            raise ValidationError({"file": _("Choose a file, or write a link.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What the file was called is known only while it comes in."""
        file: Any = self.file
        if file and not file._committed:
            self.filename, self.size = shown_name(file.name or ""), file.size
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        session = self.session
        return reverse("events:document", args=[session.event.slug, session.slug, self.uuid])
