"""Naming an account by its e-mail address: nobody browses the list of all accounts.

Nor does anybody learn who has one. An address without an account gets one, to be opened by a
code that is mailed there, and is answered like any other; the team sees the address, as it
was typed, and not the name. How many addresses one person names for one event is limited.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from events.actions import account_for
from events.admin.forms import LabelledFormSet
from events.admin.generics import ModelForm
from events.admin.scope import form_event, user_of
from events.limits import RateLimit
from events.models import User

ADDRESSES: Final = RateLimit("addresses", amount=30, within_s=3600)
# The longest that an account takes.
LONGEST: Final = 254


class AccountField(forms.EmailField):
    """An e-mail address in, its account out; not saved yet where there was none."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Account"))
        kwargs.setdefault("help_text", _("The e-mail address with which the person signs in."))
        super().__init__(max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> User | None:
        address = super().clean(value)
        if not address:
            return None
        found = User.objects.filter(email__iexact=address).first()
        return found or User(email=address.lower())

    def prepare_value(self, value: Any) -> Any:
        return value.email if isinstance(value, User) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.prepare_value(initial) or ""
        return str(before).lower() != str(data or "").strip().lower()


class AccountForm(ModelForm):
    """A form whose ``user`` is named by address. Subclasses say whether it is required."""

    request: HttpRequest | None = None  # Set by ``asked_by``.
    user = AccountField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields and self.instance.user_id:
            self.initial["user"] = self.instance.user

    def clean_user(self) -> User | None:
        """Count the address, if it is a new one here."""
        user: User | None = self.cleaned_data["user"]
        if user and "user" in self.changed_data and not self._may_name():
            raise ValidationError(
                _(
                    "You have named %(amount)s people for this event within an "
                    "hour. Wait an hour, then go on."
                )
                % {"amount": ADDRESSES.amount}
            )
        return user

    def _may_name(self) -> bool:
        assert self.request is not None
        person, event = user_of(self.request), form_event(self.request)
        return person.is_superuser or ADDRESSES.allows(person.pk, event.pk if event else None)

    def _get_validation_exclusions(self) -> set[str]:
        """Who is new here has no role or place yet that could be taken."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"user"} if self._newcomer else excluded

    @property
    def _newcomer(self) -> User | None:
        user: User | None = self.cleaned_data.get("user")
        return user if user and user.pk is None else None

    def save(self, commit: bool = True) -> Any:
        """Make the account that is missing, now that all of the page is right."""
        if newcomer := self._newcomer:
            self.instance.user = account_for(newcomer.email, self.newcomers_name())
        return super().save(commit)

    def newcomers_name(self) -> str:
        """What to call somebody new; empty: as the address suggests."""
        return ""


class OptionalAccountForm(AccountForm):
    user = AccountField(required=False)


class AccountFormSet(LabelledFormSet):
    """Rows of people, each of them once, whether or not they have an account already."""

    def clean(self) -> None:
        leaves = self._should_delete_form  # type: ignore[attr-defined]
        rows = [form for form in self.forms if not leaves(form)]
        people = [form.cleaned_data.get("user") for form in rows if form.is_valid()]
        addresses = Counter(user.email.lower() for user in people if user)
        for address, number in addresses.items():
            if number > 1:
                raise ValidationError(
                    _("%(address)s stands in two rows. Everybody has one role in a team.")
                    % {"address": address}
                )
        super().clean()


def asked_by(form: type[forms.BaseForm], request: HttpRequest) -> type[Any]:
    """The form as this request shows it: it knows who asks, and for which event."""
    return type(form.__name__, (form,), {"request": request})
