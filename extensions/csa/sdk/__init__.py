"""Does a script fit its pyatlan? What it imports and calls is checked against the release itself."""
