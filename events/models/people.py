from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from events.bounds import check_moment
from events.caching.prepared import PreparedQuery
from events.characters import clean_line
from events.constraints import PlainText
from events.models.base import Identified, validate_timezone
from events.models.event import Event
from events.models.fields import LineField
from events.models.session import Session


def validate_address(email: str) -> None:
    """Raise ValidationError for an address with characters that no file and no mail carries.

    Django allows control characters within quotation marks, as RFC 5321 once did.
    """
    if email != clean_line(email):
        raise ValidationError(_("Enter a valid email address."))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an account; without a password its owner signs in by e-mailed code."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get(self, *args: Any, **kwargs: Any) -> User:
        """By primary key alone, as each page asks: with SQL that is written once."""
        # The managers of relations are subclasses, and look among some people only.
        is_of_all = type(self) is UserManager and self._db is None
        if args or kwargs.keys() != {"pk"} or not is_of_all:
            return super().get(*args, **kwargs)
        key = User._meta.pk.to_python(kwargs["pk"])
        found = _BY_KEY.first({_SOMEBODY: key})
        if found is None:
            raise User.DoesNotExist("User matching query does not exist.")
        return found

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account, known by e-mail address.

    ``uuid`` is who they are to the outside: Kaltura never learns a row number. ``language``
    and ``timezone`` are empty for who chose none: then pages follow the browser and the event.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = LineField(max_length=150, blank=True, help_text=_("As others see it."))
    pronouns = LineField(
        _("pronouns"),
        max_length=40,
        blank=True,
        help_text=_("Such as she/her. The teams of your events see them beside your name."),
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    timezone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[validate_timezone]
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(
        _("may use the admin"), default=False, help_text=_("Team roles decide what is seen there.")
    )
    date_joined = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_in_any_case",
                violation_error_message=_("An account with this e-mail address exists."),
            ),
            PlainText(name="user_plain_text", lines=("name", "email", "pronouns")),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        try:
            validate_address(self.email)
        except ValidationError as error:
            raise ValidationError({"email": error.messages}) from error

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def name_and_pronouns(self) -> str:
        """As the team reads it, such as “Ada Lovelace (she/her)”."""
        return f"{self} ({self.pronouns})" if self.pronouns else str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


# No person has this number.
_SOMEBODY: Final = -9_111_111
_BY_KEY: Final = PreparedQuery(User, lambda: User.objects.filter(pk=_SOMEBODY).order_by())


class Registration(Identified):
    """A person's place at an event. Withdrawn ones stay, so that reports stay true."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="registrations")
    withdrawn_at = models.DateTimeField(null=True, blank=True, validators=[check_moment])

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            # Places are counted whenever somebody comes or goes.
            models.Index(
                fields=["event"],
                condition=models.Q(withdrawn_at=None),
                name="registrations_active",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"],
                name="registration_once_a_person",
                violation_error_message=_("This person is already registered."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.email} at {self.event}"

    @property
    def is_active(self) -> bool:
        return self.withdrawn_at is None


class TeamRole(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    MODERATOR = "moderator", _("Moderator")
    ANALYST = "analyst", _("Analyst")


class TeamMember(models.Model):
    """What someone may do for one event: one role a person."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="team_roles")
    role = models.CharField(max_length=12, choices=TeamRole.choices, default=TeamRole.MANAGER)

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"],
                name="team_role_once_a_person",
                violation_error_message=_("This person is already in the team."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.email}: {self.get_role_display()}"


class Bookmark(models.Model):
    """A session that someone keeps as a favourite."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bookmarks")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="bookmarks")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "session"], name="bookmark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.session}"
