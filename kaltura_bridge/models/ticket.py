"""The one-use ticket between a join page and the Kaltura page inside it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LaunchTicket(models.Model):
    """One person's entrance to one session or gallery, with a ticket that is used up.

    join/tickets.py signs tickets and redeems each of them once: its digest is unique. The row
    stays for a day, long after the ticket is worth anything, so that whoever helps at the door
    can see when somebody came in, from how many browsers, and as what.
    """

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "events.Session",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Empty: a gallery."),
    )
    expires_at = models.DateTimeField(help_text=_("When this row goes."))
    redeemed_at = models.DateTimeField(null=True, blank=True)
    device = models.CharField(
        max_length=16, blank=True, help_text=_("A keyed digest of the browser's sign-in.")
    )
    role = models.CharField(max_length=12, blank=True, help_text=_("As what the person came in."))
    page = models.CharField(max_length=12, blank=True, help_text=_("Which of Kaltura's pages."))
    seen_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The last sign of life, where one device is allowed.")
    )
    left_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the page said goodbye.")
    )
    # When another device took its place: that page does not come back by itself.
    replaced_at = models.DateTimeField(null=True, blank=True)
    ks_expires_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Until when the KS opens that page.")
    )

    class Meta:
        ordering = ["expires_at"]
        indexes = [models.Index(fields=["user", "expires_at"], name="tickets_of_user")]

    def __str__(self) -> str:
        where = f"“{self.session}”" if self.session_id else "a gallery"
        return f"{self.user} to {where} until {self.expires_at:%H:%M:%S}"
