"""What `make bench` measures: the relay beside curl, and the start of the process."""
