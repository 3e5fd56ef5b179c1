"""What several services must agree on."""
