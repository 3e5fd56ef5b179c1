"""The demo: the whole product on one machine, with a local Kaltura, in one command."""
