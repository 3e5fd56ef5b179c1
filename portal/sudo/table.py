"""What asks for a recent proof, by URL name and by the admin's action: the one table of it.

tests/portal/sudo holds it to every address and action: a new deletion, export or change of powers
is in here, or says there why not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from events.models import TeamMember
from portal.sudo.proof import asks_by_mail

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TEAM_INPUT: Final = re.compile(r"team-([0-9]+)-(id|user|role|DELETE)")


@dataclass(frozen=True)
class Guarded:
    """``what``: said on the page that asks. ``on_read``: for a GET too, as of a file."""

    what: _StrOrPromise
    on_read: bool = False
    applies: Callable[[HttpRequest, Mapping[str, Any]], bool] = lambda request, kwargs: True


_DELETES: Final = Guarded(_("Delete for good"))
_EXPORTS: Final = Guarded(_("Take a file of personal data along"), on_read=True)
_ASKS_FOR_FILE: Final = Guarded(_("Have a file of personal data made"))
_ERASES: Final = Guarded(_("Erase what is kept of a person"))
_POWERS: Final = Guarded(_("Change what an account may do"))
_NEW_WAY_IN: Final = Guarded(
    _("Change what an account may do"),
    on_read=True,
    applies=lambda request, kwargs: _is_known_by_mail(request),
)
_NEW_ADDRESS: Final = Guarded(
    _("Change what an account may do"),
    applies=lambda request, kwargs: _is_known_by_mail(request),
)
_NEW_SIGN_ON: Final = Guarded(
    _("Change what an account may do"),
    applies=lambda request, kwargs: _is_known_by_mail(request) and _connects(request),
)
_TAKES_STEP: Final = Guarded(_("Take somebody's second step away"))


def _is_known_by_mail(request: HttpRequest) -> bool:
    """Whether allauth, which asks all others by itself, has nothing to ask this person for.

    A way in that somebody adds to a browser left open would be a proof from then on.
    """
    user: Any = request.user
    return bool(user.is_authenticated) and asks_by_mail(user)


def _connects(request: HttpRequest) -> bool:
    return "connect" in {request.POST.get("process"), request.GET.get("process")}


def _changes_team(request: HttpRequest, kwargs: Mapping[str, Any]) -> bool:
    """Whether an event's form adds, changes or removes a member of its team.

    Whatever is not for certain a row as it is counts as a change: how many rows there are the form
    says in ways that are read differently here and there.
    """
    sent: dict[str, dict[str, str]] = {}
    for name, value in request.POST.items():
        if found := _TEAM_INPUT.fullmatch(name):
            sent.setdefault(found[1], {})[found[2]] = str(value)
    if not sent:
        return False
    pk = str(kwargs.get("object_id", ""))
    known = (
        TeamMember.objects.filter(event=int(pk)) if pk.isdecimal() else TeamMember.objects.none()
    )
    now = {str(member.pk): member for member in known.select_related("user")}
    return any(_differs(row, now.get(row.get("id", ""))) for row in sent.values())


def _differs(row: Mapping[str, str], member: TeamMember | None) -> bool:
    user = row.get("user", "")
    if member is None:
        # Rows that nobody filled in are sent along.
        return bool(user or row.get("id"))
    same = {"", str(member.user_id), member.user.email.lower()}
    is_same = row.get("role") == member.role and user.lower() in same
    return bool(row.get("DELETE")) or not is_same


def _is_more_than_leaving(request: HttpRequest, kwargs: Mapping[str, Any]) -> bool:
    return request.POST.get("do") != "leave"


def _puts_team_back(request: HttpRequest, kwargs: Mapping[str, Any]) -> bool:
    return any(path.partition("/")[0] == "team" for path in request.POST.getlist("field"))


_TEAM: Final = Guarded(_("Change who is in the team"), applies=_changes_team)
_TEAM_PAGE: Final = Guarded(_("Change who is in the team"), applies=_is_more_than_leaving)
_TEAM_AGAIN: Final = Guarded(_("Change who is in the team"), applies=_puts_team_back)

VIEWS: Final[dict[str, Guarded]] = {
    **{
        f"admin:analytics_{about}_{kind}": _EXPORTS
        for about in ("event", "session")
        for kind in ("csv", "xlsx", "pdf")
    },
    "admin:analytics_file": _EXPORTS,
    "admin:events_event_import_export": _EXPORTS,
    "admin:analytics_event_files": _ASKS_FOR_FILE,
    "admin:analytics_plan_file": _ASKS_FOR_FILE,
    "admin:analytics_erase_person": _ERASES,
    "admin:kaltura_bridge_orphans_delete": _DELETES,
    "admin:events_event_change": _TEAM,
    "admin:events_event_add": _TEAM,
    "admin:events_event_team": _TEAM_PAGE,
    "admin:events_event_history": _TEAM_AGAIN,
    "mfa_activate_totp": _NEW_WAY_IN,
    "mfa_add_webauthn": _NEW_WAY_IN,
    "account_set_password": _NEW_WAY_IN,
    "account_email": _NEW_ADDRESS,
    "openid_connect_login": _NEW_SIGN_ON,
    "admin:auth_user_password_change": _POWERS,
    "admin:events_user_add": _POWERS,
    "admin:events_user_change": _POWERS,
}
#: Every page of the admin by which one row is deleted.
DELETE_VIEW: Final = re.compile(r"admin:\w+_delete")
ACTIONS: Final[dict[str, Guarded]] = {
    "delete_selected": _DELETES,
    "export_csv": _EXPORTS,
    "export_xlsx": _EXPORTS,
    "remove_second_steps": _TAKES_STEP,
}
_LIST: Final = re.compile(r"admin:\w+_changelist")


def guarded(request: HttpRequest, view_name: str, kwargs: Mapping[str, Any]) -> Guarded | None:
    """What this request does that asks for a proof; None: nothing."""
    found = VIEWS.get(view_name)
    if found is None and DELETE_VIEW.fullmatch(view_name):
        found = _DELETES
    if found is None and _LIST.fullmatch(view_name) and request.method == "POST":
        found = _of_action(request)
    if found is None or (request.method in _SAFE and not found.on_read):
        return None
    return found if found.applies(request, kwargs) else None


def _of_action(request: HttpRequest) -> Guarded | None:
    post = request.POST
    has_chosen = ACTION_CHECKBOX_NAME in post or post.get("select_across") == "1"
    named = [ACTIONS[name] for name in post.getlist("action") if name in ACTIONS]
    return named[0] if named and has_chosen else None
