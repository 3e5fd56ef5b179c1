from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Events")

    def ready(self) -> None:
        # They register on import.
        from events import permissions, receivers, signals  # noqa: F401
        from events.agenda import early_stars  # noqa: F401
        from events.desk import needs, own_pages
        from events.desk.search import own as own_results
        from events.drafts.files import is_unreleased, names_of_files
        from events.drafts.forgetting import forget_profiles
        from events.drafts.needs import unreleased_changes
        from events.files import owners, sweep
        from events.history import keeping
        from events.history import recording as history  # noqa: F401
        from events.incoming import sources
        from events.messages import mails  # noqa: F401
        from events.programme import recording  # noqa: F401
        from events.registration import approval, invitations, telling  # noqa: F401
        from events.speakers import availability, calendar  # noqa: F401
        from events.speakers import telling as told_on_stage  # noqa: F401
        from events.speakers.editing import waits_as_picture
        from events.speakers.needs import proposals_that_wait
        from events.team import guard  # noqa: F401
        from events.team import mails as team_mails  # noqa: F401
        from events.trash import keeping as trash

        own_pages.register()
        own_results.register()
        needs.register(unreleased_changes)
        owners.register(is_unreleased)
        sweep.register(names_of_files)
        # First, for history and trash say whose a profile was.
        signals.person_erased.connect(forget_profiles, dispatch_uid="releases")
        signals.person_erased.connect(keeping.forget_person, dispatch_uid="history")
        signals.person_erased.connect(trash.forget_person, dispatch_uid="trash")
        needs.register(proposals_that_wait)
        owners.register(waits_as_picture)
        needs.register(sources.changes_that_wait)
