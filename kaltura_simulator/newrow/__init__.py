"""Meeting analytics as Kaltura's rooms report them, behind two doors."""
