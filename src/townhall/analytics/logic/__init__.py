"""Pure measuring: buckets of time, survival, usual ranges, rising topics."""
