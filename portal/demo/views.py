"""The demo's own pages: where to see what, and its mails."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.models import Event
from portal.demo import mail
from portal.demo.tour import tour
from portal.seed.conferences import MAIN
from portal.seed.people import PASSWORD


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What there is to see, by its login; for everybody."""
    event = Event.objects.filter(slug=MAIN.slug).first()
    parts = tour(event, timezone.now()) if event else []
    return render(request, "demo/tour.html", {"parts": parts, "password": PASSWORD})


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The demo's mails, newest first."""
    mails = list(reversed(mail.kept(settings.DEMO_MAIL_DIR).values()))
    return render(request, "demo/mail.html", {"mails": mails})
