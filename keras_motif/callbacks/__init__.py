"""What watches a network while it trains: `FilterMotifExtractor` and its loggers."""
