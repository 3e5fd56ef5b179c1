"""Watching broadcasts and recordings: what is played, in which player, and what comes next."""
