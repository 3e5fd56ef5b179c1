"""One sentence for each call: what it is for."""

from __future__ import annotations

_LESSONS = {
    "session.start": "Asks for a Kaltura Session. Most programs sign their own instead.",
    "session.startwidgetsession": "Asks for a session that may only look; needs no secret.",
    "apptoken.startsession": "Trades an app token's hash for a session, so no secret is needed.",
    "category.add": "Makes a category: an event, or a track inside one.",
    "category.list": "Looks for categories, often by full name to find the parent.",
    "category.update": "Renames a category or changes who may see it.",
    "category.move": "Hangs a category under another parent; locks the tree for a moment.",
    "category.delete": "Takes a category away. Its entries stay.",
    "categoryentry.add": "Puts an entry into a category; only then do the KAF pages show it.",
    "categoryentry.delete": "Takes an entry out of a category.",
    "categoryentry.list": "Asks which entries are in which categories.",
    "livestream.add": "Makes a live entry: the thing a webcast's audience watches.",
    "livestream.get": "Reads a live entry as it is now.",
    "livestream.update": "Changes a live entry, or takes it from preview to the audience.",
    "livestream.delete": "Deletes a live entry. Its events stay behind.",
    "livestream.updateofflinethumbnailjpeg": "Brings the picture shown while a stream is off.",
    "livestream.updateofflinethumbnailfromurl": "Says where the picture for a stream lies.",
    "livestream.getdetails": "Asks whether a stream is off, in preview or on air.",
    "livestream.islive": "Asks whether the audience sees a picture right now.",
    "baseentry.list": "Looks for entries of any kind, often by the caller's own key.",
    "baseentry.get": "Reads an entry of any kind.",
    "media.get": "Reads a clip; a recording is one, and says when it is ready.",
    "media.list": "Looks for clips: the recordings of a stream have it as their root.",
    "group_group.add": "Makes a group of people.",
    "groupuser.add": "Puts a person into a group.",
    "groupuser.list": "Asks who is in which group.",
    "userrole.list": "Asks which roles a session may be given, and what they allow.",
    "room_room.add": "Makes a room where people meet; a template gives it its look.",
    "room_room.update": "Changes a room.",
    "room_room.delete": "Deletes a room.",
    "metadata_metadata.add": "Attaches an XML document to an entry, checked against a schema.",
    "metadata_metadata.list": "Reads the XML documents of entries.",
    "metadata_metadata.update": "Replaces an XML document; a new version only if it differs.",
    "metadata_metadataprofile.list": "Finds the schemas that documents must follow.",
    "schedule_scheduleevent.add": "Puts an entry on the calendar; times that clash are refused.",
    "schedule_scheduleevent.update": "Moves or renames something on the calendar.",
    "schedule_scheduleevent.cancel": "Calls off something on the calendar and keeps it there.",
    "schedule_scheduleevent.delete": "Takes something off the calendar.",
    "schedule_scheduleevent.list": "Reads the calendar.",
    "report.gettable": "Reads who watched and for how long, as text in columns.",
    "report.gettotal": "Reads the sums of a report.",
    "kaf.view-entry": "Someone's browser opened a session's page with a session signed for them.",
    "kaf.launch": "Someone's browser opened an older room, by its event or its resource.",
    "kaf.course-gallery": "Someone looked at the gallery of a context; KAF makes its category.",
    "kaf.my-media": "Someone looked at the entries that they own.",
    "kaf.browseandembed": "Someone chose an entry; the browser posts it to the site's returnUrl.",
    "kaf.media": "Another site shows one embedded entry.",
    "kaf.kaftestme": "Someone asked which pages a session opens; nothing was changed.",
    "kaf.view-room": "Someone's browser opened a room's page with a session signed for them.",
    "newrow.analytics/sessions": "Asks which runs the rooms had.",
    "newrow.analytics/session-attendees": "Asks who was in one run of a room, and when.",
    "newrow.analytics/room-messages": "Reads what was written in a room's chat.",
}
_BY_VERB = {
    "list": "Looks for objects that a filter lets through.",
    "get": "Reads one object by its id.",
    "add": "Makes an object.",
    "update": "Changes the fields that were sent and leaves the others.",
    "delete": "Deletes an object.",
}


def lesson_for(service: str, action: str) -> str:
    """What a call is for, in one sentence; empty when nobody wrote one."""
    name = f"{service}.{action}".lower()
    return _LESSONS.get(name) or _BY_VERB.get(action.lower(), "")
