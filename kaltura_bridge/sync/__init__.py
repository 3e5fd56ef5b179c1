"""The one path by which what is planned reaches Kaltura."""
