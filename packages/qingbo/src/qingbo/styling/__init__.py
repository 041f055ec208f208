"""CSS that administrators write, and the colours made from an accent: pure text work, without Flask and settings."""
