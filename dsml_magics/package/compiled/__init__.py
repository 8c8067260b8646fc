"""A fitted pipeline as lookups and arithmetic on plain values, without frames: equal to it, or not used."""
