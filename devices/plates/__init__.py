"""The plate reader: find -> rectify -> read -> judge for one picture (`chain`), vote over the pictures of one arrival."""
