"""The portal's admin: stock Django, scoped to the events of one's teams."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from events.admin import event, feedback, invitations, mails, people, places, questions, session

__all__ = ["event", "feedback", "invitations", "mails", "people", "places", "questions", "session"]

admin.site.site_header = _("Event portal")
admin.site.site_title = _("Event portal")
admin.site.index_title = _("Planning")
