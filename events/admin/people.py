"""Speakers, registrations and accounts."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.admin.extensions import extensions_of
from events.admin.filters import EventFilter
from events.admin.forms import EventScopedForm
from events.admin.generics import (
    AccountAdmin,
    AccountChangeForm,
    AccountCreationForm,
    ModelForm,
)
from events.admin.page_parts import SpeakerLinkInline
from events.admin.people_fields import AccountForm, OptionalAccountForm, asked_by
from events.admin.registrations import registrations_csv, registrations_xlsx
from events.admin.scope import PlannedAdmin, TakesAlong
from events.models import ProfilePicture, Registration, Speaker, User
from events.permissions import PLANNERS
from events.profile.forms import ProfileFields
from events.registration.places import settle

# Roles belong to events (TeamMember); site-wide groups would only confuse.
admin.site.unregister(Group)


class SpeakerForm(EventScopedForm, OptionalAccountForm):
    class Meta:
        model = Speaker
        fields = ("event", "name", "title", "biography", "picture", "user", "slug")

    def newcomers_name(self) -> str:
        return str(self.cleaned_data["name"])[:150]


class NamesAccounts(PlannedAdmin):
    """Its form names people by address, and must know who does."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return asked_by(super().get_form(request, obj, change, **kwargs), request)


@admin.register(Speaker)
class SpeakerAdmin(NamesAccounts):
    form = SpeakerForm
    list_display = ("name", "title", "sessions", "account", "event")
    list_select_related = ("event", "user")
    list_filter = (EventFilter,)
    search_fields = ("name", "title", "sessions__title", "=uuid", "=external_id")
    search_help_text = _("Name, position, session, or an id.")
    inlines = (SpeakerLinkInline,)
    readonly_fields = ("uuid", "external_id")
    delete_note = _("Deleting a speaker removes them from all their sessions.")
    fieldsets = (
        (None, {"fields": ["event", "name", "title", "picture", "biography", "user"]}),
        (
            _("Address and ids"),
            {"fields": ["slug", "uuid", "external_id"], "classes": ["collapse"]},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sessions = Count("appearances", distinct=True)
        rows: QuerySet[Any] = super().get_queryset(request).annotate(session_count=sessions)
        return rows

    @admin.display(description=_("sessions"), ordering="session_count")
    def sessions(self, speaker: Any) -> int:
        return int(speaker.session_count)

    @admin.display(description=_("account"), ordering="user__email", empty_value="–")
    def account(self, speaker: Speaker) -> str | None:
        return speaker.user.email if speaker.user else None


def picture_html(user: User) -> str | None:
    """Somebody's picture for the team; None for who has none."""
    picture = ProfilePicture.objects.filter(user=user).first()
    if picture is None:
        return None
    address = reverse("events:profile_picture", args=[user.uuid])
    return format_html(
        '<img src="{}?v={}" width="96" height="96" alt="">', address, picture.version
    )


class RegistrationForm(EventScopedForm, AccountForm):
    class Meta:
        model = Registration
        fields = ("event", "user", "withdrawn_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Django's two inputs of a moment share one label that belongs to neither."""
        super().__init__(*args, **kwargs)
        if "withdrawn_at" in self.fields:
            field = self.fields["withdrawn_at"]
            name = {"label": field.label}
            for each, text in zip(
                field.widget.widgets,
                (_("%(label)s, date"), _("%(label)s, time of day")),
                strict=True,
            ):
                each.attrs["aria-label"] = text % name


@admin.register(Registration)
class RegistrationAdmin(NamesAccounts):
    """Who has a place. Withdrawn registrations stay, so that reports stay true."""

    view_roles = PLANNERS
    form = RegistrationForm
    list_display = ("person", "email", "event", "created_at", "withdrawn_at")
    list_select_related = ("event", "user")
    list_filter = (EventFilter, ("withdrawn_at", admin.EmptyFieldListFilter))
    search_fields = ("user__name", "user__email", "=uuid")
    search_help_text = _("Name or e-mail address.")
    date_hierarchy = "created_at"
    fields = ("event", "user", "withdrawn_at")
    actions = ("export_csv", "export_xlsx")
    delete_note = _(
        "Deleting a registration also removes it from reports. Set "
        "“withdrawn at” instead to free the place."
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            *super().get_readonly_fields(request, obj),
            *(("user", "shown_picture") if obj else ()),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *(("shown_picture",) if obj and obj.is_active else ()))

    @admin.display(description=_("picture"))
    def shown_picture(self, registration: Registration) -> str | None:
        return picture_html(registration.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(partial(settle, obj.event))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(partial(settle, obj.event))

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: Any) -> StreamingHttpResponse:
        return registrations_csv(queryset)

    @admin.action(description=_("Export as XLSX"), permissions=["view"])
    def export_xlsx(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        return registrations_xlsx(queryset)

    @admin.display(description=_("name"), ordering="user__name")
    def person(self, registration: Registration) -> str:
        return registration.user.name_and_pronouns

    @admin.display(description=_("e-mail address"), ordering="user__email")
    def email(self, registration: Registration) -> str:
        return registration.user.email


class LowerCaseEmailForm(ModelForm):
    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class NewUserForm(LowerCaseEmailForm, AccountCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class UserForm(ProfileFields, LowerCaseEmailForm, AccountChangeForm):
    class Meta:
        model = User
        exclude: tuple[str, ...] = ()
        field_classes: dict[str, Any] = {}


@admin.register(User)
class UserAdmin(TakesAlong, AccountAdmin):
    """Accounts, for superusers. What people may do with an event is in its team."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active", "date_joined")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name", "=uuid")
    ordering = ("email",)
    filter_horizontal = ()
    actions = ("remove_second_steps", "remove_pictures")
    readonly_fields = ("shown_picture", "uuid", "date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ["email", "name", "password"]}),
        (_("Profile"), {"fields": ["pronouns", "language", "timezone", "shown_picture"]}),
        (_("What they may do"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Record"), {"fields": ["uuid", "date_joined", "last_login"]}),
    )
    add_fieldsets = (
        (None, {"fields": ["email", "name", "usable_password", "password1", "password2"]}),
    )

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the links that other apps add for whoever may change accounts at all."""
        thing: Any = kwargs.get("obj")
        tools = extensions_of(User).object_tools if thing else []
        context["object_tools"] = [{"url": t.url(thing), "label": t.label} for t in tools]
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("picture"))
    def shown_picture(self, user: User) -> str | None:
        return picture_html(user)

    @admin.action(description=_("Remove pictures"), permissions=["change"])
    def remove_pictures(self, request: HttpRequest, queryset: Any) -> None:
        """For pictures that others should not have to see."""
        removed, _rows = ProfilePicture.objects.filter(user__in=queryset).delete()
        text = ngettext("%(n)d picture is removed.", "%(n)d pictures are removed.", removed)
        messages.success(request, text % {"n": removed})

    @admin.action(description=_("Remove passkeys and second step"), permissions=["change"])
    def remove_second_steps(self, request: HttpRequest, queryset: Any) -> None:
        """For people who lost their device and codes; they sign in by mail, and set up anew."""
        removed = Authenticator.objects.filter(user__in=queryset)
        people = removed.values("user").distinct().count()
        removed.delete()
        text = ngettext(
            "%(n)d person signs in by mail again.", "%(n)d people sign in by mail again.", people
        )
        messages.success(request, text % {"n": people})
