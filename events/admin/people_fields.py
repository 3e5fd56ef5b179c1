"""Naming an account by its e-mail address: nobody browses the list of all accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from events.admin.generics import ModelForm
from events.models import User


class AccountField(forms.CharField):
    """An e-mail address in, the account with it out."""

    widget = forms.EmailInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Account")
        kwargs.setdefault("help_text", "The e-mail address of the account.")
        super().__init__(**kwargs)

    def clean(self, value: Any) -> User | None:
        address = super().clean(value)
        if not address:
            return None
        if user := User.objects.filter(email__iexact=address).first():
            return user
        raise ValidationError(
            f"No account has the address “{address}”. Ask the person to sign in once, then add "
            "them here."
        )

    def prepare_value(self, value: Any) -> Any:
        return value.email if isinstance(value, User) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = self.prepare_value(initial) or ""
        return str(before).lower() != str(data or "").strip().lower()


class AccountForm(ModelForm):
    """A form whose ``user`` is named by address. Subclasses say whether it is required."""

    user = AccountField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields and self.instance.user_id:
            self.initial["user"] = self.instance.user


class OptionalAccountForm(AccountForm):
    user = AccountField(required=False)
