"""The portal's pages from the browser's side of the socket, as an installation serves them."""
