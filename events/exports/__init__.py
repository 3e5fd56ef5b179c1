"""The agenda for other programs: frab's schedule.xml and schedule.json, and calendars."""
