"""What the pages of events, sessions and speakers show beside the programme."""
