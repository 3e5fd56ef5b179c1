"""KAF's own list of what an event or a track has, as a second view beside our agenda."""
