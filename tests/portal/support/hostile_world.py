"""A portal in which every page has something to show: in sync, attended, with drift and plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from analytics.models import (
    AttendanceFile,
    ColumnPreset,
    Coverage,
    FileSchedule,
    PullRun,
    RejectedRow,
    RoomRun,
    Stay,
    ViewerTotal,
)
from analytics.privacy.modes import rules_of
from events.models import (
    Event,
    Invitation,
    QuestionKind,
    Session,
    SessionPlace,
    SignUpQuestion,
    TeamRole,
    User,
    WaitingListEntry,
)
from events.registration.invitations import invitation_token
from kaltura_bridge.doctor.checkups import run_checkup
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import Account, Checkup, OrphanScan, PlanRun, RemoteLink, SyncTarget
from kaltura_bridge.orphans.runs import run_scan
from kaltura_bridge.sync import plan_runs, service
from kaltura_simulator.testing import Simulator
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
    WebcastFactory,
)

BOSS, MANAGER, ATTENDEE, STRANGER = "boss", "manager", "attendee", "stranger"


class HostileWorld:
    """What there is, who looks at it, and the ids by which addresses name it."""

    def __init__(self, simulator: Simulator) -> None:
        now = timezone.now().replace(microsecond=0)
        self.event: Event = EventFactory(
            slug="conf",
            title="Conference",
            starts_on=now.date() - timedelta(days=1),
            ends_on=now.date() + timedelta(days=1),
        )
        self.boss: User = UserFactory(is_staff=True, is_superuser=True, email="boss@example.org")
        self.manager: User = TeamMemberFactory(event=self.event, role=TeamRole.OWNER).user
        self.attendee: User = RegistrationFactory(event=self.event).user
        track = TrackFactory(event=self.event, name="Track")
        start = now - timedelta(minutes=10)
        more = {"event": self.event, "starts_at": start}
        self.room: Session = InteractiveFactory(**more, track=track, slug="room", abstract="*Hi*")
        self.webcast: Session = WebcastFactory(**more, slug="webcast", location="Hall 1")
        SessionFactory(event=self.event, starts_at=now + timedelta(days=1), status="draft")
        self.speaker = SpeakerFactory(event=self.event, slug="speaker", user=self.manager)
        SessionSpeakerFactory(session=self.room, speaker=self.speaker)
        BookmarkFactory(session=self.room, user=self.attendee)
        self._coming_in(now)
        self._at_kaltura(simulator, start)

    def _coming_in(self, now: Any) -> None:
        """A sign-up form with every kind of question, and people who wait."""
        for kind in QuestionKind.values:
            self.event.questions.create(kind=kind, label=kind, choices="A\nB", consent_text="Yes?")
        until = now + timedelta(days=30)
        self.invitation = self.event.invitations.create(email=self.attendee.email, expires_at=until)
        WaitingListEntry.objects.create(event=self.event, user=self.manager)
        SessionPlace.objects.create(session=self.webcast, user=self.attendee)

    def _at_kaltura(self, simulator: Simulator, start: Any) -> None:
        service.settle(service.targets_of(self.event), 20)
        person = {"userId": kaltura_user_id(self.attendee), "name": "Ann"}
        moment = int(start.timestamp())
        for place in self._places():
            simulator.add_visits(
                [{"entryId": place, "joined": moment, "left": moment + 300, **person}]
            )
        call_command("pull_attendance", "conf")
        RejectedRow.objects.create(source="newrow", place="1_x", field="name", reason="is odd")
        files = {"event": self.event, "user": self.boss, "level": "stay"}
        ColumnPreset.objects.create(**files, name="Few", columns=["minutes"])
        FileSchedule.objects.create(**files, form="csv", show="all", repeats="daily")
        AttendanceFile.objects.create(**files, form="csv", show="all")
        plan = PlanRun.objects.create(event_uuid=self.event.uuid, asked_by=self.boss)
        plan_runs.make(plan.pk)
        run_scan(OrphanScan.objects.create(asked_by=self.boss))
        checkup = Checkup.objects.create(asked_by=self.boss)
        run_checkup(checkup.pk)

    def _places(self) -> list[str]:
        links = RemoteLink.objects.filter(kind__in=["room", "entry"])
        return [str(link.remote_id) for link in links]

    def clients(self) -> dict[str, Client]:
        """A browser for each kind of visitor."""
        people = {BOSS: self.boss, MANAGER: self.manager, ATTENDEE: self.attendee}
        found = {name: Client() for name in (*people, STRANGER)}
        for name, person in people.items():
            found[name].force_login(person)
        return found

    def arguments(self) -> dict[str, list[dict[str, str]]]:
        """What addresses name, by how they begin."""
        event = {"slug": "conf", "event_slug": "conf"}
        sessions = [{**event, "session_slug": s.slug} for s in (self.room, self.webcast)]
        kind = ContentType.objects.get_for_model(Session).pk
        target = SyncTarget.objects.filter(object_uuid=self.room.uuid).get()
        link = target.links.order_by("pk").first()
        plan = PlanRun.objects.get()
        named = {
            "/e/": [{**event, "speaker_slug": "speaker", **sessions[0]}, *sessions[1:]],
            "/invitation/": [{"token": invitation_token(self.invitation)}],
            "/admin/r/": [{"content_type_id": str(kind), "object_id": str(self.room.pk)}],
            "/admin/kaltura_bridge/planrun/of/": [{"pk": str(self.event.pk)}],
            "/admin/kaltura_bridge/planrun/": [{"pk": str(plan.pk)}],
            "/admin/kaltura_bridge/synctarget/of/": [{"pk": str(self.event.pk)}],
            "/admin/analytics/rundecision/of/": [{"pk": str(self.event.pk)}],
            "/admin/analytics/rundecision/run/": [{"pk": str(RoomRun.objects.first().pk)}],
            "/admin/analytics/rundecision/undo/": [{"pk": "1"}],
            "/admin/analytics/eventreport/": [{"pk": str(self.event.pk)}],
            "/admin/analytics/eventreport/sessions/": [{"pk": str(self.room.pk)}],
            "/admin/kaltura_bridge/synctarget/": [
                {"pk": str(target.pk), "link_pk": str(link.pk), "verb": verb}
                for verb in ("push", "adopt", "ignore", "recreate", "unlink", "relink")
            ],
        }
        for model in (Event, Session, User, SyncTarget, Account, PullRun, RejectedRow):
            _name_row(named, model.objects.order_by("pk").first())
        coming_in = (Invitation, SignUpQuestion, SessionPlace, WaitingListEntry)
        for model in coming_in:
            _name_row(named, model.objects.order_by("pk").first())
        for row in (self.speaker, self.event.registrations.get(), self.room):
            _name_row(named, row)
        for reported in (RoomRun, Stay, ViewerTotal, Coverage):
            _name_row(named, reported.objects.order_by("pk").first())
        code = rules_of(self.event).pseudonym(str(self.event.registrations.get().user.uuid))
        reports = named["/admin/analytics/eventreport/"]
        reports += [{"object_id": str(self.event.pk)}, {"pk": str(self.event.pk), "code": code}]
        for table in (ColumnPreset, FileSchedule, AttendanceFile):
            reports += [{"pk": str(self.event.pk), "uuid": str(table.objects.get().uuid)}]
        return named


def _name_row(named: dict[str, list[dict[str, str]]], row: Any) -> None:
    if row is not None:
        beginning = f"/admin/{row._meta.app_label}/{row._meta.model_name}/"
        ids = {"object_id": str(row.pk), "pk": str(row.pk), "id": str(row.pk)}
        named.setdefault(beginning, []).append(ids)
