"""HTTP notifications: requests that Kaltura sends when an object changed."""
