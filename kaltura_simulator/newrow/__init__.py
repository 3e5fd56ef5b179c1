"""Newrow's meeting analytics: of Kaltura's rooms, through KAF or directly."""
