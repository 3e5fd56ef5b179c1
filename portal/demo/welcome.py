"""What the demo prints when it is ready."""

import os
from typing import Final

from portal.demo.config import DemoConfig

# Created by seed_demo (portal/seed/people.py), repeated here because that needs Django; a
# test holds both together.
PASSWORD: Final = "demo-portal"  # noqa: S105
AGENDA: Final = "/e/congress/agenda/"
PEOPLE: Final = (
    ("attendee@demo.example", "is registered, joins sessions"),
    ("moderator@demo.example", "moderates sessions"),
    ("manager@demo.example", "plans the event, keeps it in sync with Kaltura"),
    ("analyst@demo.example", "reads and exports attendance reports"),
    ("operator@demo.example", "may do everything in every event"),
)


def welcome(config: DemoConfig) -> str:
    """Addresses, one login for each kind of user, and what to click first."""
    site = config.site_url
    places = (
        ("What to see", f"{site}/demo/"),
        ("Portal", f"{site}/"),
        ("Agenda", f"{site}{AGENDA}"),
        ("Admin", f"{site}/admin/"),
        ("Mailbox", f"{site}/demo/mail/"),
        ("Local Kaltura", f"{config.kaltura_url}/"),
    )
    lines = ["", "The portal is ready.", ""]
    lines += [f"  {name:<15}{url}" for name, url in places]
    lines += ["", f"  Sign in with the password {PASSWORD}, or with a code from the mailbox:"]
    lines += [f"  {address:<24}{what}" for address, what in PEOPLE]
    lines += [
        "",
        "  As the attendee: open the agenda and join a session that is live now, watch a",
        "  recording with its transcript, or let the main stage carry you on.",
        "  As the manager: move a session in the admin and watch its sync state.",
        "  Change a session in the local Kaltura: the admin shows it and asks what to do.",
        "  And: publish and cut recordings, order captions, run a session on its live desk.",
        "  As the analyst: open the attendance report of a session that is over.",
        "",
        f"  Ctrl-C stops all of it. Logs: {os.path.relpath(config.logs)}",
    ]
    return "\n".join(lines)
