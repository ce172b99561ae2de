"""Real processes against a real Redis, each test with its own, and words to talk about them."""
