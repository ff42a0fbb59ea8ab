"""What is asked of a brand's own systems, and how their answers are read. Pure."""
