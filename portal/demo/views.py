"""The demo's mail page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.demo import mail


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The demo's mails, newest first."""
    mails = list(reversed(mail.kept(settings.DEMO_MAIL_DIR).values()))
    return render(request, "demo/mail.html", {"mails": mails})
