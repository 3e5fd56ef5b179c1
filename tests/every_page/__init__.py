"""Every page that the portal serves, each in the situations in which people meet it."""
