"""Members on the Kaltura pages of the admin: how they stand, and what somebody changed there."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Registration, Visibility
from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import EventDelivery, RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.repair import actions
from kaltura_bridge.sync import service
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory
from tests.kaltura_bridge.support.planning import in_step, settle

pytestmark = pytest.mark.django_db(transaction=True)


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.decode()).split())


def test_planner_sees_a_changed_level_and_pushes_it_back(simulator, client: Client):
    event = EventFactory(visibility=Visibility.REGISTERED)
    EventDelivery.objects.create(event=event, privacy_context="spring2027")
    ann, planner = RegistrationFactory(event=event).user, TeamMemberFactory(event=event).user
    settle(event)
    link = RemoteLink.objects.get(kind="category_user", key__startswith=kaltura_user_id(ann))
    home = str(link.remote_id).partition("|")[0]
    level = new("KalturaCategoryUser", permissionLevel=0)
    raised = Request(lambda c: c.categoryUser.update(home, kaltura_user_id(ann), level, True))
    Kaltura().ask([raised])
    service.sync_event(event, 5)
    client.force_login(planner)

    target = SyncTarget.objects.get(pk=link.target_id, kind=TargetKind.MEMBER)
    page = client.get(reverse("admin:kaltura_bridge_synctarget_change", args=[target.pk]))
    dashboard = client.get(reverse("admin:kaltura_bridge_dashboard"))
    listed = client.get(reverse("admin:kaltura_bridge_synctarget_changelist"), {"kind": "member"})
    actions.push_fields(RemoteLink.objects.get(pk=link.pk), ["permissionLevel"])
    settle(event)

    registration = Registration.objects.get(user=ann)
    assert f"/admin/events/registration/{registration.pk}/change/" in page.content.decode()
    assert "Open the registration" in words(page.content)
    assert "level" in words(page.content) and "manager" in words(page.content)
    assert "changed at Kaltura" in words(dashboard.content)
    assert listed.content.decode().count("portal-") >= 2
    assert ann.name not in listed.content.decode()
    assert {row["userId"]: row["permissionLevel"] for row in simulator.objects("categoryUser")}[
        kaltura_user_id(ann)
    ] == 3
    assert in_step(event)
