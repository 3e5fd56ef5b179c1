"""What is deleted can be restored for a while, as it was."""
