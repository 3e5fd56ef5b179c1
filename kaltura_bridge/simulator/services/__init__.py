"""What each Kaltura service does: one file each, small functions over the store."""
