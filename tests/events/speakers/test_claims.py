"""A personal link makes a profile on stage the account's of the person it was sent to."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from events.actions import NotAllowed
from events.models import Event, EventStatus, Invitation, InvitationState, Speaker, User
from events.outbox.sending import send_due
from events.registration.invitations import (
    accept,
    claim_profile,
    invitation_token,
    invite_again,
    invite_speaker,
    revoke,
)
from events.registration.invited import plan_invitations
from tests.events.speakers.conftest import profile_page, signed_in, told
from tests.factories import SpeakerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def free(event: Event) -> Speaker:
    """A profile that is nobody's yet."""
    return SpeakerFactory(event=event, name="Ada L.")


def page_of(invitation: Invitation) -> str:
    return reverse("events:invitation", args=[invitation_token(invitation)])


def owner_of(speaker: Speaker) -> User | None:
    return Speaker.objects.get(pk=speaker.pk).user


def test_the_link_in_the_mail_makes_the_profile_theirs_once(event, free, manager, ada):
    event.status = EventStatus.DRAFT
    event.save()
    client = signed_in(manager)
    done = client.post(
        reverse("admin:events_event_stage_invite", args=[event.pk]),
        {f"invite-{free.pk}": "on", f"email-{free.pk}": "ADA@example.org"},
    )
    send_due(10)
    [letter] = mail.outbox
    link = re.search(r"(/invitation/[0-9a-f]{64}/)", letter.body)[1]

    stranger = Client().get(link)
    mine = signed_in(ada).get(link)
    seen_before = signed_in(ada).get(profile_page(free)).status_code
    claimed = signed_in(ada).post(link)
    again = signed_in(ada).get(link)

    assert (done["Location"], told(done)) == (
        reverse("admin:events_event_stage", args=[event.pk]),
        ["1 invitation is on its way."],
    )
    assert (letter.to, letter.subject) == (["ada@example.org"], "Your profile at Congress")
    assert "Sign in with the e-mail address" in stranger.content.decode()
    assert "ada@example.org" not in stranger.content.decode()
    assert (mine["Cache-Control"], mine["Referrer-Policy"]) == ("private, no-store", "same-origin")
    assert "<strong>Ada L.</strong>" in mine.content.decode()
    assert (seen_before, claimed["Location"]) == (404, profile_page(free))
    assert (told(claimed), again["Location"]) == (
        ["This profile is yours now."],
        profile_page(free),
    )
    assert (owner_of(free), event.registrations.count()) == (ada, 0)
    assert signed_in(ada).get(profile_page(free)).status_code == 200


def test_a_link_is_of_no_use_to_anybody_else(event, free, manager):
    invitation = invite_speaker(free, "ada@example.org", manager)
    ben = UserFactory(email="ben@example.org")

    page = signed_in(ben).get(page_of(invitation)).content.decode()
    signed_in(ben).post(page_of(invitation))

    assert "You are signed in as <strong>ben@example.org</strong>" in page
    assert "ada@example.org" not in page
    assert (owner_of(free), invitation.state) == (None, InvitationState.OPEN)
    with pytest.raises(NotAllowed, match="another e-mail address"):
        claim_profile(invitation, ben)


def test_a_link_to_a_profile_gives_no_place(event, free, manager, ada):
    invitation = invite_speaker(free, ada.email, manager)

    with pytest.raises(NotAllowed, match="for a profile on stage"):
        accept(invitation, ada)


def test_a_profile_that_became_somebody_elses_is_not_taken_from_them(event, free, manager, ada):
    invitation = invite_speaker(free, ada.email, manager)
    ben = UserFactory()
    free.user = ben
    free.save()

    refused = signed_in(ada).post(page_of(invitation))
    with pytest.raises(NotAllowed, match="belongs to an account already"):
        invite_speaker(free, "carl@example.org", manager)

    assert told(refused) == ["This profile belongs to another account already."]
    assert (owner_of(free), Invitation.objects.get().state) == (ben, InvitationState.OPEN)


def test_a_new_address_ends_the_link_to_the_old_one(event, free, manager, ada):
    before = page_of(invite_speaker(free, "adda@example.org", manager))
    after = invite_speaker(free, ada.email, manager)
    revoke([after])
    revoked = signed_in(ada).post(page_of(after))
    [last] = invite_again([after])
    claim_profile(last, ada)

    assert Client().get(before).status_code == 404
    assert told(revoked) == ["This invitation cannot be used any more."]
    assert (owner_of(free), Invitation.objects.count()) == (ada, 1)


def test_who_speaks_can_be_invited_as_a_guest_too(event, free, manager, ada):
    invitation = invite_speaker(free, ada.email, manager)

    plan = plan_invitations(event, ada.email, invitation.expires_at, manager)

    assert ([row.email for row in plan.new], plan.skipped) == ([ada.email], [])


def test_wrong_addresses_are_named_and_nobody_is_invited(event, free, manager):
    other = SpeakerFactory(event=event, name="Ben")
    page = signed_in(manager).post(
        reverse("admin:events_event_stage_invite", args=[event.pk]),
        {
            f"invite-{free.pk}": "on",
            f"email-{free.pk}": "nobody",
            f"invite-{other.pk}": "on",
            f"email-{other.pk}": "ben@example.org",
        },
    )

    assert "This is no e-mail address." in page.content.decode()
    assert Invitation.objects.count() == 0


def test_speakers_of_another_event_are_invited_by_its_own_team(event, manager):
    theirs = SpeakerFactory(name="Not ours")
    url = reverse("admin:events_event_stage_invite", args=[event.pk])
    client = signed_in(manager)

    page = client.get(f"{url}?speaker={theirs.pk}").content.decode()
    client.post(
        f"{url}?speaker={theirs.pk}",
        {f"invite-{theirs.pk}": "on", f"email-{theirs.pk}": "x@example.org"},
    )

    assert "Not ours" not in page
    assert Invitation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_once_one_uses_the_link(event, free, manager, ada):
    invitation = invite_speaker(free, ada.email, manager)
    start = threading.Barrier(4)

    def click(_: int) -> str:
        start.wait(timeout=20)
        try:
            claim_profile(Invitation.objects.get(pk=invitation.pk), ada)
        except NotAllowed:
            return "refused"
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(click, range(4)))

    assert answers == ["in", *["refused"] * 3]
    assert owner_of(free) == ada
