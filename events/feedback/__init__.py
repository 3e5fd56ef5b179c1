"""What attendees say about sessions afterwards, and who reads it."""
