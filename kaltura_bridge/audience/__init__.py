"""Kaltura's reports about the audience of a broadcast, beyond who watched for how long."""
