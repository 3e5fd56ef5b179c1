"""The control room: every session of these hours in one row, for whoever runs the event."""
