"""Who may do what: every door of the portal, asked by everybody, about everything."""
