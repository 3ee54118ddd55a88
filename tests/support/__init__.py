"""What several tests share: where files lie, oracles, examples."""
