"""Notifications: HTTP requests that Kaltura sends when something changed."""
