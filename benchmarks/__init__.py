"""What `make bench` measures: the bot beside other programs, and as its work grows."""
