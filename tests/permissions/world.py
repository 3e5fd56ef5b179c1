"""One of everything, for each kind of object, under names and numbers that stand nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from analytics.models import (
    Certificate,
    Coverage,
    CreditRule,
    ErasureReceipt,
    MarkedTester,
    PersonLink,
    PullRun,
    RejectedRow,
    RoomRun,
    RunDecision,
    SessionPull,
    Stay,
    ViewerTotal,
)
from events.models import (
    Event,
    Invitation,
    OutgoingMail,
    Registration,
    RestingAddress,
    Session,
    SessionFeedback,
    SessionPlace,
    SignUpQuestion,
    Speaker,
    SpeakerRole,
    Track,
    User,
    WaitingListEntry,
)
from kaltura_bridge.models import (
    Account,
    CaptionOrder,
    CaptionRule,
    CaptionTrack,
    EventDelivery,
    PlanRun,
    RemoteLink,
    SyncTarget,
    TargetKind,
    Transcript,
    VendorJob,
)
from kaltura_bridge.specs import Kind as RemoteKind
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.permissions.people import (
    DELETED,
    DRAFT_SESSION,
    KINDS,
    TEAM,
    Kind,
    Role,
)
from tests.permissions.rows import Snapshot

FAR = datetime(2099, 1, 1, tzinfo=UTC)
MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
# Numbers that no page holds by chance; allauth's tables take 31 bits.
FIRST_PK = 2_101_000_001


@dataclass
class Place:
    """An event with one of everything, and the texts that give each away."""

    kind: Kind
    event: Event
    session: Session
    track: Track
    speaker: Speaker
    registration: Registration
    waiting: WaitingListEntry
    place: SessionPlace
    feedback: SessionFeedback
    question: SignUpQuestion
    invitation: Invitation
    target: SyncTarget
    link: RemoteLink
    plan: PlanRun
    coverage: Coverage
    room_run: RoomRun
    stay: Stay
    total: ViewerTotal
    pull: PullRun
    session_pull: SessionPull
    rejected: RejectedRow
    run_decision: RunDecision
    person_link: PersonLink
    tester: MarkedTester
    address: EmailAddress
    mail: OutgoingMail
    rule: CreditRule
    certificate: Certificate
    caption_rule: CaptionRule
    caption_order: CaptionOrder
    caption_track: CaptionTrack
    programme: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    team: set[str] = field(default_factory=set)
    remote: set[str] = field(default_factory=set)

    def hidden_from(self, role: Role) -> set[str]:
        """What no answer may say to this person."""
        if role is Role.SUPERUSER:
            return set()
        kind, hidden = self.kind, set()
        hidden |= set() if kind.seen_by(role) else self.programme
        hidden |= set() if kind.has(role, TEAM - {Role.MODERATOR}) else self.people
        hidden |= set() if kind.has(role, TEAM) else self.team | self.remote
        return hidden

    @property
    def own_words(self) -> set[str]:
        """All that tells this place from another."""
        return self.programme | self.people | self.team | self.remote


class World:
    """The places by kind, and somebody for each role."""

    def __init__(self) -> None:
        self._numbers = iter(range(FIRST_PK, FIRST_PK + 10_000_000, 7919))
        self.people = dict(self._make_people())
        self.places = {kind: self._make_place(kind) for kind in KINDS}
        self._delete(self.places[DELETED])
        self.account = Account.objects.create(pk=self._number(), partner_id=self._number() % 10**6)
        self.resting = RestingAddress.objects.create(pk=self._number(), address="rests@example.org")
        self.receipt = ErasureReceipt.objects.create(pk=self._number())
        self.vendor_job = VendorJob.objects.create(
            pk=self._number(), vendor_id=1, task_id=self._number(), customer_id=2, entry_id="1_a"
        )
        self.forms: dict[tuple[str, str], dict[str, str]] = {}
        self.clients = {role: self.client(role) for role in Role}
        self.rows = Snapshot()
        self.content_types = {
            model: ContentType.objects.get_for_model(model).pk
            for model in (Event, Session, Speaker, User)
        }

    def client(self, role: Role) -> Client:
        client = Client(raise_request_exception=False)
        if user := self.people[role]:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def row(self, place: Place, about: str) -> Any:
        """What of a place, or of the account, a door is about."""
        single = {
            "receipt": self.receipt,
            "account": self.account,
            "resting": self.resting,
            "vendor_job": self.vendor_job,
        }
        if about == "user":
            return place.registration.user
        return single.get(about) or getattr(place, about)

    def _number(self) -> int:
        return next(self._numbers)

    def _make_people(self) -> Iterator[tuple[Role, User | None]]:
        yield Role.ANONYMOUS, None
        for role in set(Role) - {Role.ANONYMOUS}:
            yield (
                role,
                UserFactory(
                    pk=self._number(),
                    email=f"me-{role.name.lower()}@example.org",
                    name=f"Myself {role.name.title()}",
                    is_staff=role in TEAM | {Role.STAFF, Role.SUPERUSER},
                    is_superuser=role is Role.SUPERUSER,
                ),
            )

    # --- One place ---------------------------------------------------------------

    def _make_place(self, kind: Kind) -> Place:
        word = f"Quokka{KINDS.index(kind)}"
        event = self._make_event(kind, word)
        EventDelivery.objects.create(pk=self._number(), event=event, gallery=True, preview=True)
        session, track, speaker = self._make_programme(kind, event, word)
        guest = UserFactory(
            pk=self._number(), email=f"guest-{word.lower()}@example.org", name=f"{word} Guest"
        )
        registration = RegistrationFactory(pk=self._number(), event=event, user=guest)
        waiting = WaitingListEntry.objects.create(pk=self._number(), event=event, user=guest)
        seat = SessionPlace.objects.create(
            pk=self._number(), session=session, user=guest, taken_at=MOMENT
        )
        feedback = SessionFeedback.objects.create(
            pk=self._number(), session=session, user=guest, stars=3, text=f"{word} Opinion"
        )
        question = SignUpQuestion.objects.create(
            pk=self._number(), event=event, label=f"{word} Question"
        )
        invitation = Invitation.objects.create(
            pk=self._number(),
            event=event,
            email=f"invited-{word.lower()}@example.org",
            expires_at=FAR,
        )
        team = self._make_team(kind, event, session, word)
        target, link, plan = self._make_remote(event, session, word)
        pulled = self._make_pulled(session, guest, word)
        pulled += self._make_decisions(session, guest, pulled[1])
        address = EmailAddress.objects.create(pk=self._number(), user=guest, email=guest.email)
        mail = OutgoingMail.objects.create(
            pk=self._number(), key=word, kind="note", user=guest, address=guest.email, event=event
        )
        place = Place(
            kind,
            event,
            session,
            track,
            speaker,
            registration,
            waiting,
            seat,
            feedback,
            question,
            invitation,
            target,
            link,
            plan,
            *pulled,
            address,
            mail,
            *self._make_credits(event, session, guest),
            *self._make_captions(event, session, word),
        )
        place.programme = {
            *(
                text
                for thing in (session, speaker, track)
                for text in (thing.slug, str(thing.uuid))
            ),
            *(session.title, speaker.name, track.name),
            *(str(thing.pk) for thing in (session, speaker, track)),
        }
        if kind is not DRAFT_SESSION:
            place.programme |= {event.title, event.slug, str(event.uuid), str(event.pk)}
        place.people = {guest.email, guest.name, str(guest.pk), str(guest.uuid), guest.uuid.hex}
        place.people |= {
            str(registration.pk),
            str(registration.uuid),
            str(address.pk),
            str(mail.pk),
            str(waiting.pk),
            str(seat.pk),
            str(feedback.pk),
            feedback.text,
            str(invitation.pk),
            invitation.email,
        }
        if kind is not DRAFT_SESSION:
            place.programme |= {question.label, str(question.pk)}
        place.team = team
        place.remote = {
            *(
                str(target.pk),
                str(link.remote_id),
                str(link.pk),
                str(plan.pk),
                *(str(row.pk) for row in (place.caption_rule, place.caption_order)),
                *(str(place.caption_track.pk), place.caption_track.label),
                place.caption_rule.name,
                place.caption_order.item_name,
                f"1_room{word.lower()}",
            ),
            *(str(row.pk) for row in pulled),
            str(place.rule.pk),
        }
        return place

    def _make_event(self, kind: Kind, word: str) -> Event:
        return EventFactory(
            pk=self._number(),
            title=f"{word} Days",
            slug=f"{word.lower()}-days",
            capacity=1,  # Nobody moves up when somebody leaves.
            is_public=kind.public or kind in (DRAFT_SESSION, DELETED),
            status="draft" if kind.draft and kind is not DRAFT_SESSION else "published",
        )

    def _make_programme(
        self, kind: Kind, event: Event, word: str
    ) -> tuple[Session, Track, Speaker]:
        name = f"{word} Track"
        track = TrackFactory(pk=self._number(), event=event, name=name, main_stage=True)
        session = SessionFactory(
            pk=self._number(),
            event=event,
            track=track if kind is not DRAFT_SESSION else None,
            title=f"{word} Talk",
            slug=f"{word.lower()}-talk",
            capacity=1,
            status="draft" if kind is DRAFT_SESSION else "published",
        )
        speaker = SpeakerFactory(
            pk=self._number(), event=event, name=f"{word} Speaker", slug=f"{word.lower()}-person"
        )
        SessionSpeakerFactory(pk=self._number(), session=session, speaker=speaker)
        return session, track, speaker

    def _make_team(self, kind: Kind, event: Event, session: Session, word: str) -> set[str]:
        """Our people belong to what is ours; what is not has an owner of its own."""
        if not kind.ours:
            email, name = f"boss-{word.lower()}@example.org", f"{word} Boss"
            user = UserFactory(pk=self._number(), email=email, name=name, is_staff=True)
            TeamMemberFactory(pk=self._number(), event=event, user=user, role="owner")
            return {email, name, str(user.pk)}
        for role in TEAM:
            TeamMemberFactory(
                pk=self._number(), event=event, user=self.people[role], role=role.value
            )
        RegistrationFactory(pk=self._number(), event=event, user=self.people[Role.REGISTERED])
        for role, on_stage in (
            (Role.SPEAKER, SpeakerRole.SPEAKER),
            (Role.STAGE_MODERATOR, SpeakerRole.MODERATOR),
        ):
            speaker = SpeakerFactory(pk=self._number(), event=event, user=self.people[role])
            SessionSpeakerFactory(
                pk=self._number(), session=session, speaker=speaker, role=on_stage
            )
        return set()

    def _make_remote(
        self, event: Event, session: Session, word: str
    ) -> tuple[SyncTarget, RemoteLink, PlanRun]:
        mine = SyncTarget.objects.filter(kind=TargetKind.SESSION, object_uuid=session.uuid)
        mine.update(id=self._number())
        target = mine.get()
        link = RemoteLink.objects.create(
            pk=self._number(),
            target=target,
            kind=RemoteKind.ENTRY,
            key=f"portal:{session.uuid}",
            remote_id=f"1_{word.lower()}",
            pushed={"name": session.title},
            seen={"name": f"{session.title} there"},
        )
        plan = PlanRun.objects.create(
            pk=self._number(),
            event_uuid=event.uuid,
            made_at=MOMENT,
            report={"summary": f"{word} plan", "operations": [], "calls": 0, "warnings": []},
        )
        return target, link, plan

    def _make_captions(
        self, event: Event, session: Session, word: str
    ) -> tuple[CaptionRule, CaptionOrder, CaptionTrack]:
        rule = CaptionRule.objects.create(pk=self._number(), event=event, name=f"{word} Wish")
        order = CaptionOrder.objects.create(
            pk=self._number(),
            session=session,
            entry_id="1_captions",
            feature="captions",
            item_name=f"{word} Captions",
        )
        track = CaptionTrack.objects.create(
            pk=self._number(),
            transcript=Transcript.objects.create(
                pk=self._number(), session=session, entry_id="1_captions"
            ),
            asset_id=f"1_{word.lower()}",
            label=f"{word} Words",
            is_shown=False,
        )
        return rule, order, track

    def _make_pulled(
        self, session: Session, guest: User, word: str
    ) -> tuple[Coverage, RoomRun, Stay, ViewerTotal, PullRun, SessionPull, RejectedRow]:
        coverage = Coverage.objects.create(
            pk=self._number(), session=session, source="newrow", attempted_at=MOMENT
        )
        run = RoomRun.objects.create(
            pk=self._number(),
            source="newrow",
            event=session.event,
            remote_id=f"run-{word}",
            room_remote_id=f"1_room{word.lower()}",
            session=session,
            started_at=MOMENT,
            pulled_at=MOMENT,
        )
        stay = Stay.objects.create(
            pk=self._number(),
            source="newrow",
            run=run,
            remote_key=word,
            user=guest,
            joined_at=MOMENT,
            left_at=MOMENT + timedelta(minutes=5),
            pulled_at=MOMENT,
        )
        total = ViewerTotal.objects.create(
            pk=self._number(),
            source="report",
            entry_remote_id=f"1_{word.lower()}",
            remote_user_id=f"portal-{guest.uuid.hex}",
            live_minutes=1,
            recording_minutes=1,
            session=session,
            user=guest,
            pulled_at=MOMENT,
        )
        return coverage, run, stay, total, *self._make_history(session, word)

    def _make_decisions(
        self, session: Session, guest: User, run: RoomRun
    ) -> tuple[RunDecision, PersonLink, MarkedTester]:
        about = {"event": session.event, "user": guest}
        decision = RunDecision.objects.create(pk=self._number(), run=run, session=session)
        link = PersonLink.objects.create(
            pk=self._number(), **about, source="newrow", remote_user_id="900"
        )
        return decision, link, MarkedTester.objects.create(pk=self._number(), **about)

    def _make_history(
        self, session: Session, word: str
    ) -> tuple[PullRun, SessionPull, RejectedRow]:
        pull = PullRun.objects.create(
            pk=self._number(), trigger="command", event=session.event, until=MOMENT
        )
        session_pull = SessionPull.objects.create(
            pk=self._number(),
            session=session,
            source="newrow",
            asked_at=MOMENT,
            finished_at=MOMENT,
        )
        rejected = RejectedRow.objects.create(
            pk=self._number(),
            event=session.event,
            source="newrow",
            place=f"1_{word.lower()}",
            field="x",
            reason="y",
            digest=word,
        )
        return pull, session_pull, rejected

    def _make_credits(
        self, event: Event, session: Session, guest: User
    ) -> tuple[CreditRule, Certificate]:
        rule = CreditRule.objects.create(pk=self._number(), event=event, title="Attended")
        rule.sessions.add(session)
        certificate = Certificate(
            pk=self._number(),
            rule=rule,
            event=event,
            user=guest,
            name_printed=guest.name,
            event_title=event.title,
            title=rule.title,
            credits=1,
            unit=rule.unit,
            first_day=event.starts_on,
            last_day=event.ends_on,
        )
        certificate.save()
        return rule, certificate

    def _delete(self, place: Place) -> None:
        """With all that belongs to it; the place keeps the objects, to ask about them."""
        event, guest = place.event, place.registration.user
        for rows in (
            PlanRun.objects.filter(pk=place.plan.pk),
            RoomRun.objects.filter(pk=place.room_run.pk),
            PullRun.objects.filter(pk=place.pull.pk),
            RejectedRow.objects.filter(pk=place.rejected.pk),
        ):
            rows.delete()
        ViewerTotal.objects.filter(pk=place.total.pk).delete()
        Event.objects.get(pk=event.pk).delete()
        SyncTarget.objects.filter(event_uuid=event.uuid).delete()
        User.objects.filter(pk=guest.pk).delete()


def texts_hidden_from(role: Role, world: World) -> set[str]:
    """What no answer may say to this person, of all places."""
    return set().union(*(place.hidden_from(role) for place in world.places.values()))
