"""Rules and objects that several services share."""
