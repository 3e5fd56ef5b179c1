"""Events that belong together: the same thing again and again, on other days."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.changes import changes, note_changed
from events.constraints import PlainText
from events.models.base import Identified, free_slug
from events.models.fields import LineField


class EventSeries(Identified):
    """A name under which several events stand on one page."""

    slug = models.SlugField(
        max_length=80, unique=True, blank=True, help_text=_("Its place in web addresses.")
    )
    title = LineField(_("title"), max_length=200)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [PlainText(name="series_plain_text", lines=("title",))]

    def __str__(self) -> str:
        return self.title

    @changes()
    def save(self, *args: Any, **kwargs: Any) -> None:
        """The pages of its events show its title."""
        if not self.slug:
            others = EventSeries.objects.exclude(pk=self.pk)
            self.slug = free_slug(self.title, others, "series")
        super().save(*args, **kwargs)
        self._note_events()

    @changes()
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Its events stay."""
        self._note_events()
        return super().delete(*args, **kwargs)

    def _note_events(self) -> None:
        note_changed(self.events.model, list(self.events.values_list("pk", flat=True)))

    def get_absolute_url(self) -> str:
        return reverse("events:series", args=[self.slug])
