"""What pages show beside the programme, edited with what they belong to."""

from __future__ import annotations

from django import forms

from events.admin.forms import LabelledFormSet
from events.admin.generics import ModelForm, StackedInline, TabularInline
from events.admin.scope import RulesPermissions
from events.models import InfoBlock, Partner, SessionMaterial, SpeakerLink


class PartnerInline(RulesPermissions, TabularInline):
    model = Partner
    formset = LabelledFormSet
    fields = ("name", "level", "website", "logo", "position")
    extra = 0


class InfoBlockForm(ModelForm):
    class Meta:
        model = InfoBlock
        fields = ("title", "text", "position")
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}


class InfoBlockInline(RulesPermissions, StackedInline):
    model = InfoBlock
    form = InfoBlockForm
    formset = LabelledFormSet
    extra = 0


class SpeakerLinkInline(RulesPermissions, TabularInline):
    model = SpeakerLink
    formset = LabelledFormSet
    fields = ("label", "url", "position")
    extra = 0


class MaterialInline(RulesPermissions, TabularInline):
    model = SessionMaterial
    formset = LabelledFormSet
    fields = ("title", "file", "url", "audience", "position")
    extra = 0
