"""What carries our key at Kaltura and has no owner here."""
