"""Reading text out of files. What parses runs in a caged child process; see `process`."""
