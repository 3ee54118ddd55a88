"""What is known of a filter beyond its matrix: places, classes, duplicates."""
