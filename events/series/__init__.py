"""The same event again and again: when, and all of them in one transaction."""
