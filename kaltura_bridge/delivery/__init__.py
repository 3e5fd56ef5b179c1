"""What event and session decide about delivery."""
