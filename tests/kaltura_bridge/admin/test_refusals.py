"""What belongs to others answers as what is not there, to the byte."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from kaltura_bridge.models import PlanRun, RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.repair.choices import VERBS
from tests.factories import EventFactory, TeamMemberFactory, WebcastFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

MISSING = 999_999


def answer(client: Client, method: str, url: str) -> tuple[Any, ...]:
    """All that a person is told, without the address that they typed and what always differs."""
    client.cookies.pop("messages", None)
    reply = getattr(client, method)(url, {"to": "0_abcd2345"})
    text = re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", reply.content.decode())
    told = [re.sub(r"\d+", "N", str(message)) for message in get_messages(reply.wsgi_request)]
    place = reply.headers.get("Location", "")
    return reply.status_code, re.sub(r"\d+", "N", text), re.sub(r"\d+", "N", place), told


def test_ids_of_others_answer_as_ids_of_nothing(client):
    client.force_login(TeamMemberFactory(event=EventFactory()).user)
    other = EventFactory(title="Board", is_public=False, status="draft")
    session = WebcastFactory(event=other, title="Losses")
    target, _ = SyncTarget.objects.get_or_create(
        kind=TargetKind.SESSION, object_uuid=session.uuid, event_uuid=other.uuid
    )
    link = RemoteLink.objects.create(target=target, kind="entry", key="k", remote_id="0_abcd2345")
    run = PlanRun.objects.create(event_uuid=other.uuid)
    pages = {
        "kaltura_bridge_synctarget_change": target.pk,
        "kaltura_bridge_synctarget_history": target.pk,
        "kaltura_bridge_synctarget_delete": target.pk,
        "kaltura_bridge_retry": target.pk,
        "kaltura_bridge_of_event": other.pk,
        "kaltura_bridge_plan": other.pk,
        "kaltura_bridge_plan_apply": run.pk,
        "kaltura_bridge_plan_progress": run.pk,
    }

    def told(name: str, *arguments: object) -> list[tuple[Any, ...]]:
        url = reverse(f"admin:{name}", args=arguments)
        return [answer(client, method, url) for method in ("get", "post")]

    differing = [name for name, pk in pages.items() if told(name, pk) != told(name, MISSING)]
    choice = "kaltura_bridge_choice"
    differing += [
        verb
        for verb in VERBS
        if told(choice, target.pk, link.pk, verb) != told(choice, MISSING, MISSING, verb)
    ]

    assert differing == []
