"""Credits for attendance: the rules, what people decided about them, and what was certified."""

from __future__ import annotations

import secrets
import uuid
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session
from events.models.fields import LineField, ProseField

# No I, L, O and U: read aloud or from paper, each is one letter.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_GROUPS: Final = 4
CODE_GROUP: Final = 5


def new_code() -> str:
    """A code of 100 random bits, in groups for the eye."""
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _ in range(CODE_GROUP)) for _ in range(CODE_GROUPS)
    )


class CreditRule(models.Model):
    """What must be attended for credits: so much of so many of these sessions.

    A session is met by whoever was present for ``minimum_percent`` of its scheduled
    minutes, less ``grace_minutes``. ``needed_sessions`` of ``sessions`` must be met.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="credit_rules")
    title = LineField(_("title"), max_length=200)
    credits = models.DecimalField(
        _("credits"),
        max_digits=6,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    unit = LineField(
        _("unit"), max_length=60, default="credits", help_text=_("Such as CME points.")
    )
    minutes_per_award = models.PositiveSmallIntegerField(
        _("minutes for each award"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Empty: the credits are given once. Else once for each so many scheduled minutes "
            "that were attended in the sessions that are met, added up."
        ),
    )
    minimum_percent = models.PositiveSmallIntegerField(
        _("share of the scheduled minutes, %"),
        default=80,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    grace_minutes = models.PositiveSmallIntegerField(
        _("grace, in minutes"), default=0, validators=[MaxValueValidator(240)]
    )
    needed_sessions = models.PositiveSmallIntegerField(
        _("how many of the sessions"), default=1, validators=[MinValueValidator(1)]
    )
    sessions = models.ManyToManyField(Session, related_name="credit_rules")
    is_open = models.BooleanField(
        _("attendees may fetch their certificates"),
        default=False,
        help_text=_("On: those who earned it see so, and make their certificate themselves."),
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["event", "pk"]

    def __str__(self) -> str:
        return self.title


class CreditOverride(models.Model):
    """Somebody's credits as a person decided them, and why. Never changed: the last counts."""

    rule = models.ForeignKey(CreditRule, on_delete=models.CASCADE, related_name="overrides")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="credit_overrides"
    )
    is_earned = models.BooleanField(_("credits are given"))
    credits = models.DecimalField(max_digits=6, decimal_places=2)
    reason = LineField(_("reason"), max_length=300)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-decided_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user}: {self.credits if self.is_earned else 'none'}"


class AppealState(models.TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class CreditAppeal(models.Model):
    """Somebody says that their credits are wrong, and what was decided about it."""

    rule = models.ForeignKey(CreditRule, on_delete=models.CASCADE, related_name="appeals")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="credit_appeals"
    )
    text = ProseField(_("what is wrong"), max_length=2000)
    made_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=AppealState.choices, default=AppealState.OPEN)
    answer = LineField(_("answer"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "user"],
                condition=models.Q(state=AppealState.OPEN),
                name="one_open_appeal_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display()}"


class CertificateChanged(Exception):
    """A certificate is never changed; it is revoked, and another one is made."""


class Certificate(models.Model):
    """What was certified, as printed. Revoked if it turns out wrong, never changed."""

    REVOCATION: ClassVar = frozenset({"revoked_at", "revoked_by", "revoke_reason"})

    code = models.CharField(max_length=23, unique=True, default=new_code, editable=False)
    rule = models.ForeignKey(
        CreditRule, on_delete=models.SET_NULL, null=True, related_name="certificates"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="certificates")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="certificates"
    )
    name_printed = models.CharField(max_length=150)
    event_title = models.CharField(max_length=200)
    title = models.CharField(max_length=200)
    credits = models.DecimalField(max_digits=6, decimal_places=2)
    unit = models.CharField(max_length=60)
    first_day = models.DateField()
    last_day = models.DateField()
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    revoke_reason = LineField(max_length=300, blank=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "user"],
                condition=models.Q(revoked_at=None),
                name="one_valid_certificate_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only a revocation changes a row that is there."""
        fields = kwargs.get("update_fields")
        if not self._state.adding and not (fields and set(fields) <= self.REVOCATION):
            raise CertificateChanged(_("Revoke the certificate and make another one."))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("analytics:certificate", args=[self.code])

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None
