"""The page between choosing "Cancel" and cancelling: what it means, and for which rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.actions import cancel_event, cancel_session
from events.changes import changes
from events.models import EventStatus, SessionStatus


def cancel_sessions(modeladmin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    alive = rows.exclude(status=SessionStatus.CANCELLED)
    consequence = _(
        "A cancelled session stays on the agenda, marked as cancelled, and "
        "nobody can join it any more. Its speakers, favourites and "
        "attendance are kept. Publish it to bring it back."
    )
    return _confirm(modeladmin, request, alive, "cancel_selected", cancel_session, consequence)


def cancel_events(modeladmin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    alive = rows.exclude(status=EventStatus.CANCELLED)
    consequence = _(
        "A cancelled event keeps its page, marked as cancelled; nobody can "
        "register or join any more. Its sessions, registrations and "
        "attendance are kept. Publish it to bring it back."
    )
    return _confirm(modeladmin, request, alive, "cancel_selected", cancel_event, consequence)


def _confirm(
    modeladmin: Any,
    request: HttpRequest,
    rows: Iterable[Any],
    action: str,
    cancel: Callable[[Any], None],
    consequence: str,
) -> HttpResponse | None:
    rows = list(rows)
    if not rows:
        messages.info(
            request, _("Nothing to cancel: everything you selected is already cancelled.")
        )
        return None
    if request.POST.get("confirmed"):
        with changes():
            for row in rows:
                cancel(row)
        text = ngettext("%(n)d cancelled.", "%(n)d cancelled.", len(rows))
        messages.success(request, text % {"n": len(rows)})
        return None
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("Cancel %(number)s %(noun)s?")
        % {"number": len(rows), "noun": _noun(modeladmin, len(rows))},
        "rows": rows,
        "action": action,
        "consequence": consequence,
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "opts": modeladmin.opts,
    }
    return TemplateResponse(request, "admin/events/confirm_cancel.html", context)


def _noun(modeladmin: Any, count: int) -> str:
    opts = modeladmin.opts
    return str(opts.verbose_name if count == 1 else opts.verbose_name_plural)
