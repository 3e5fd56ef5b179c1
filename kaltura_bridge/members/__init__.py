"""Who belongs to an event, as members of its category at Kaltura."""
