"""All that touches Kaltura's wire."""
