"""Moving out: posts as Markdown with front matter that Hexo, Hugo and our own import read. Only reads the blog."""
