"""What the terminal says when the demo is ready."""

import os
from typing import Final

from portal.demo.plan import Plan

# Made by seed_demo (portal/seed), repeated here because that needs Django.
PASSWORD: Final = "demo-portal"  # noqa: S105
AGENDA: Final = "/e/congress/agenda/"
PEOPLE: Final = (
    ("attendee@demo.example", "registered for the event, joins sessions"),
    ("moderator@demo.example", "leads sessions, has the moderator's role in rooms"),
    ("manager@demo.example", "plans the event, sees what is in step with Kaltura"),
    ("analyst@demo.example", "sees who came, takes the reports out"),
    ("operator@demo.example", "may do everything, in every event"),
)


def welcome(plan: Plan) -> str:
    """Addresses, one login for each kind of user, and what to click first."""
    site = plan.site_url
    places = (
        ("Portal", f"{site}/"),
        ("Agenda", f"{site}{AGENDA}"),
        ("Admin", f"{site}/admin/"),
        ("Mailbox", f"{site}/demo/mail/"),
        ("Local Kaltura", f"{plan.kaltura_url}/"),
    )
    lines = ["", "The portal is ready.", ""]
    lines += [f"  {name:<15}{url}" for name, url in places]
    lines += ["", f"  Log in with the password {PASSWORD}, or with the code from the mailbox:"]
    lines += [f"  {address:<24}{what}" for address, what in PEOPLE]
    lines += [
        "",
        "  First, as an attendee: sign in, open the agenda, join a session that is live now.",
        "  Then, as the manager: open the admin, move a session, and watch its sync state.",
        "  Change a session at the local Kaltura: the admin tells it, and asks what to do.",
        "  Then, as the analyst: open the admin, and the report of a session that is over.",
        "",
        f"  Ctrl-C stops all of it. Logs: {os.path.relpath(plan.logs)}",
    ]
    return "\n".join(lines)
