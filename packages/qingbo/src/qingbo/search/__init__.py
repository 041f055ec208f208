"""Words of texts and of what people look for, and finding them: text work, and SQL of each engine's full-text index."""
