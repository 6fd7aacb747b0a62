"""What a user types and sees: for each command its options, what it prints and its exit code."""
