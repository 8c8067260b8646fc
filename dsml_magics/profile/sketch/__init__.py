"""Mergeable summaries of a stream of values, each with the bound of what it says."""
