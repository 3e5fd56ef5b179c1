"""One sentence about what each request does, for people who read the list of requests."""

from __future__ import annotations

_DESCRIPTIONS = {
    "session.start": "Starts a Kaltura Session. Most programs sign their own instead.",
    "session.startwidgetsession": "Starts a session that may only look; it needs no secret.",
    "apptoken.startsession": "Exchanges an app token's hash for a session, without a secret.",
    "category.add": "Adds a category: an event, or a track inside one.",
    "category.list": "Lists categories, often by full name to find the parent.",
    "category.update": "Renames a category or changes who may see it.",
    "category.move": "Moves a category to another parent; locks the tree for a moment.",
    "category.delete": "Deletes a category. Its entries stay.",
    "categoryentry.add": "Adds an entry to a category; only then do the KAF pages show it.",
    "categoryentry.delete": "Removes an entry from a category.",
    "categoryentry.list": "Lists which entries are in which categories.",
    "livestream.add": "Adds a live entry: what the audience of a webcast watches.",
    "livestream.get": "Reads a live entry as it is now.",
    "livestream.update": "Changes a live entry, or moves it from preview to on air.",
    "livestream.delete": "Deletes a live entry. Its events stay.",
    "livestream.updateofflinethumbnailjpeg": "Uploads the picture shown while a stream is off.",
    "livestream.updateofflinethumbnailfromurl": "Sets the picture shown while a stream is off.",
    "livestream.getdetails": "Reads whether a stream is off, in preview or on air.",
    "livestream.islive": "Asks whether viewers can watch the stream right now.",
    "baseentry.list": "Lists entries of any type, often by the caller's own key.",
    "baseentry.get": "Reads an entry of any type.",
    "media.get": "Reads a clip; for a recording, also whether it is ready.",
    "media.list": "Lists clips; the recordings of a stream have it as their root.",
    "group_group.add": "Adds a group of users.",
    "groupuser.add": "Adds a user to a group.",
    "groupuser.list": "Lists who is in which group.",
    "userrole.list": "Lists the roles that a session may have, and what they allow.",
    "room_room.add": "Adds a meeting room; a template defines its look.",
    "room_room.update": "Changes a room.",
    "room_room.delete": "Deletes a room.",
    "metadata_metadata.add": "Adds an XML document to an entry, validated by a schema.",
    "metadata_metadata.list": "Reads the XML documents of entries.",
    "metadata_metadata.update": "Replaces an XML document; a new version only if it differs.",
    "metadata_metadataprofile.list": "Lists the schemas that documents must follow.",
    "schedule_scheduleevent.add": "Adds an event to the calendar; overlapping times are refused.",
    "schedule_scheduleevent.update": "Moves or renames an event on the calendar.",
    "schedule_scheduleevent.cancel": "Cancels an event; it stays on the calendar.",
    "schedule_scheduleevent.delete": "Deletes an event from the calendar.",
    "schedule_scheduleevent.list": "Reads the calendar.",
    "report.gettable": "Reads who watched and for how long, as text in columns.",
    "report.gettotal": "Reads the totals of a report.",
    "kaf.view-entry": "A browser opened the page of an entry, with a session for its user.",
    "kaf.view-room": "A browser opened the page of a room, with a session for its user.",
    "kaf.launch": "A browser opened an older room, by its event or its resource.",
    "kaf.course-gallery": "A browser opened the gallery of a context; KAF creates its category.",
    "kaf.my-media": "A browser opened the list of its user's own entries.",
    "kaf.browseandembed": "A browser opened the picker; the choice is posted to the returnUrl.",
    "kaf.media": "A browser opened an embedded entry on another site.",
    "kaf.kaftestme": "Someone tested which pages a session opens; nothing was changed.",
    "newrow.analytics/sessions": "Reads when people met in the rooms.",
    "newrow.analytics/session-attendees": "Reads who was in one meeting of a room, and when.",
    "newrow.analytics/room-messages": "Reads the chat of a room.",
}
_BY_ACTION = {
    "list": "Lists the objects that match a filter.",
    "get": "Reads one object by its id.",
    "add": "Adds an object.",
    "update": "Changes the fields that were sent and leaves the others.",
    "delete": "Deletes an object.",
}


def description_of(service: str, action: str) -> str:
    """What a request does, in one sentence; empty when nobody wrote one."""
    name = f"{service}.{action}".lower()
    return _DESCRIPTIONS.get(name) or _BY_ACTION.get(action.lower(), "")
