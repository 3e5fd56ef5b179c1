"""Lists and forms of the admin that answer whatever they are asked and sent.

Django looks after most of what cannot be filtered by, and redirects to the whole list. What
only fails in the query, or in the drill-down by date, it does not see; nor what somebody else
saves between the check of a form and its save.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin, helpers
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from events.bounds import FIRST_DAY, LAST_DAY

logger = logging.getLogger(__name__)

_UNASKABLE = (ValueError, TypeError, LookupError, OverflowError, DatabaseError)
# What a date is completed with; 29 February is in a leap year.
_PARTS: Final = {"year": "2000", "month": "1", "day": "1"}
_LARGEST_ID: Final = 2**63 - 1
# Tracks, partners, team of one event: far fewer are seen, and each costs time to show.
_MOST_ROWS: Final = 300

if TYPE_CHECKING:
    _Lists = ModelAdmin[Any]
else:
    _Lists = object


class GuardedAdmin(_Lists):
    """Mixed into every admin as it is registered, those of other packages included."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list; IncorrectLookupParameters, which leads to all of it, if it cannot be asked."""
        _check_dates(request)
        try:
            return super().get_changelist_instance(request)
        except _UNASKABLE as error:
            if not request.GET:
                raise
            logger.info("%s cannot be listed so: %s", self.opts.label, error)
            raise IncorrectLookupParameters from error

    def response_action(
        self, request: HttpRequest, queryset: Any, *more: Any, **options: Any
    ) -> HttpResponse | None:
        """The action; a message when what was ticked cannot be a row."""
        for ticked in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
            if not self._may_be_id(ticked):
                messages.warning(request, _("Choose rows of this list, then an action."))
                return redirect(request.get_full_path())
        response: HttpResponse | None = super().response_action(request, queryset, *more, **options)
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """The form; a message when the database refuses what the form could not know."""
        try:
            return super().changeform_view(request, *args, **options)
        except IntegrityError:
            if request.method != "POST":
                raise
            logger.warning("%s was not saved", self.opts.label, exc_info=True)
            messages.error(
                request,
                _(
                    "Nothing was saved: somebody else has just saved the same, "
                    "such as a person who can be here only once. Look at it "
                    "again, then repeat your change."
                ),
            )
            return redirect(request.get_full_path())

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row; "?_to_field=" names no field, where Django looks for one called ""."""
        return super().get_object(request, object_id, from_field or None)

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """Django's, with fewer rows: it would make and show 2,000 for whoever says so."""
        for inline in self.get_inline_instances(request, obj):
            wanted = inline.get_max_num(request, obj)
            most = _MOST_ROWS if wanted is None else min(wanted, _MOST_ROWS)
            limits = {"max_num": most, "absolute_max": _MOST_ROWS}
            yield inline.get_formset(request, obj, **limits), inline

    def _may_be_id(self, text: str) -> bool:
        try:
            value: Any = self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return not isinstance(value, int) or abs(value) <= _LARGEST_ID


def _check_dates(request: HttpRequest) -> None:
    """Raises IncorrectLookupParameters for a date that is none, or of no year of ours."""
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for name, value in request.GET.items():
        field, _, part = name.rpartition("__")
        # "day" alone is a filter of our own.
        if field and part in _PARTS:
            asked[field][part] = str(value)
    for parts in asked.values():
        try:
            found = date(*(int(parts.get(name, one)) for name, one in _PARTS.items()))
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        if not FIRST_DAY <= found <= LAST_DAY:
            raise IncorrectLookupParameters
