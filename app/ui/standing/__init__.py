"""A client's next standing call and its topics."""
