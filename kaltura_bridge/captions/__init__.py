"""Captions: what is ordered of REACH for recordings and broadcasts, and what comes of it."""
