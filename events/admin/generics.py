"""Django's classes with the types they hold, which only a type checker may write down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms

from events.models import User

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    StackedInline = admin.StackedInline[Any, Any]
    ModelForm = forms.ModelForm[Any]
    InlineFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    ModelChoiceField = forms.ModelChoiceField[Any]
    AccountAdmin = auth_admin.UserAdmin[User]
    AccountCreationForm = auth_forms.AdminUserCreationForm[User]
    AccountChangeForm = auth_forms.UserChangeForm[User]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline
    StackedInline = admin.StackedInline
    ModelForm, InlineFormSet = forms.ModelForm, forms.BaseInlineFormSet
    ModelChoiceField = forms.ModelChoiceField
    AccountAdmin = auth_admin.UserAdmin
    AccountCreationForm = auth_forms.AdminUserCreationForm
    AccountChangeForm = auth_forms.UserChangeForm
