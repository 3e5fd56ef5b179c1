"""The pages a portal shows in its iframe: the Kaltura Application Framework's twin."""
