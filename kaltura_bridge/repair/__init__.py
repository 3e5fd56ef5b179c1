"""What a person may choose when Kaltura and the plan differ."""
