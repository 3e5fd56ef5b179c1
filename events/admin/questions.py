"""The sign-up form of an event, question by question."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.admin.filters import EventFilter
from events.admin.forms import EventScopedForm
from events.admin.scope import PlannedAdmin
from events.models import SignUpQuestion
from events.permissions import PLANNERS


class QuestionForm(EventScopedForm):
    class Meta:
        model = SignUpQuestion
        fields = (
            "event",
            "kind",
            "label",
            "help_text",
            "choices",
            "consent_text",
            "is_required",
            "position",
            "is_retired",
        )
        widgets = {"choices": forms.Textarea(attrs={"rows": 5})}


@admin.register(SignUpQuestion)
class SignUpQuestionAdmin(PlannedAdmin):
    """What people are asked when they register; answers come with the list of registrations."""

    view_roles = PLANNERS
    form = QuestionForm
    goes_along = True
    list_display = ("label", "kind", "is_required", "position", "is_retired", "answers", "event")
    list_select_related = ("event",)
    list_filter = (EventFilter, "kind", "is_retired")
    search_fields = ("label",)
    readonly_fields = ("version", "answers")
    fieldsets = (
        (None, {"fields": ["event", "kind", "label", "help_text", "is_required", "position"]}),
        (_("What it offers"), {"fields": ["choices", "consent_text", "version"]}),
        (_("Answers"), {"fields": ["answers", "is_retired"]}),
    )
    delete_note = _("A question that somebody has answered is kept: tick “no longer asked”.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(answered=Count("answers"))
        return rows

    @admin.display(description=_("answers"), ordering="answered")
    def answers(self, question: Any) -> int:
        return int(getattr(question, "answered", 0))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What people answered, and agreed to, goes with no question."""
        is_answered = obj is not None and obj.answers.exists()
        return not is_answered and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One at a time: a question that was answered is not deleted in bulk either."""
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}
