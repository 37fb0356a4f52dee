"""The page in docs/reference, and its plots, from the results of runs."""
