"""What a guard's act with a record changes in the presence (`access.presence`), kind by kind; pure."""
