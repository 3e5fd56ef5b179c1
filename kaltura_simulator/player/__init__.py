"""A stand-in for the players of Kaltura: it plays what the API and the delivery network give."""
