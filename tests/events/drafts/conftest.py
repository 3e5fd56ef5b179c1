"""A published event that collects its changes, and people who plan it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event, Session, UnreleasedChange
from tests.events.pages import form_values
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory


@pytest.fixture
def event() -> Event:
    return EventFactory(title="Ours", slug="ours", collects_changes=True)


@pytest.fixture
def talk(event: Event) -> Session:
    return SessionFactory(event=event, title="Keynote", slug="keynote", location="Hall")


class Manager:
    """Somebody who plans the event with a browser."""

    def __init__(self, event: Event, name: str = "Ada") -> None:
        self.event = event
        self.user = TeamMemberFactory(event=event, user__name=name).user
        self.client = Client()
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def form(self, thing: Any) -> dict[str, str]:
        """What the form of an object says."""
        return form_values(self.client.get(_url(thing)).content.decode())

    def save(self, thing: Any, **typed: Any) -> Any:
        answer = self.client.post(_url(thing), {**self.form(thing), **typed}, follow=True)
        assert answer.redirect_chain, answer.context["errors"]
        return answer

    def address(self, name: str = "unreleased", *more: Any) -> str:
        return reverse(f"admin:events_event_{name}", args=[self.event.pk, *more])

    def page(self, name: str = "unreleased", *more: Any) -> str:
        return str(self.client.get(self.address(name, *more)).content.decode())

    def do(self, what: str, **more: Any) -> Any:
        """Press a button of the review page."""
        values = form_values(self.page())
        sent = {**values, "do": what, **more}
        return self.client.post(self.address(), sent, follow=True)


def _url(thing: Any) -> str:
    return reverse(f"admin:events_{thing._meta.model_name}_change", args=[thing.pk])


@pytest.fixture
def ada(event: Event) -> Manager:
    return Manager(event)


@pytest.fixture
def ben(event: Event) -> Manager:
    return Manager(event, "Ben")


def waiting_of(event: Event) -> dict[str, dict[str, tuple[Any, Any]]]:
    """What waits, by the label of each change: its fields before and after."""
    return {
        row.label: {
            name: (values["before"], values["after"]) for name, values in row.fields.items()
        }
        for row in UnreleasedChange.objects.filter(event=event)
    }


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]
