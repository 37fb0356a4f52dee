"""Long runs on real servers that prove, or disprove, what the coordinator promises."""
