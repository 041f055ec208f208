"""Crawlers that collect texts for language models, by their names in robots.txt (RFC 9309).

The list follows https://github.com/ai-robots-txt/ai.robots.txt as of 2026-11-27: crawlers that fetch whole sites to
train models, or to build the index from which they answer. It does not contain programs that fetch one page because a
person asked for it, nor crawlers of search engines.
"""

AI_CRAWLERS = (
    "AI2Bot",
    "Ai2Bot-Dolma",
    "Amazonbot",
    "anthropic-ai",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ChatGLM-Spider",
    "Claude-SearchBot",
    "Claude-Web",
    "ClaudeBot",
    "cohere-ai",
    "cohere-training-data-crawler",
    "Cotoyogi",
    "DeepSeekBot",
    "Diffbot",
    "FacebookBot",
    "Google-CloudVertexBot",
    "Google-Extended",
    "GoogleOther",
    "GPTBot",
    "ICC-Crawler",
    "ImagesiftBot",
    "img2dataset",
    "Kangaroo Bot",
    "laion-huggingface-processor",
    "LAIONDownloader",
    "meta-externalagent",
    "OAI-SearchBot",
    "omgili",
    "PanguBot",
    "PerplexityBot",
    "SBIntuitionsBot",
    "TikTokSpider",
    "Timpibot",
    "VelenPublicWebCrawler",
    "Webzio-Extended",
    "YouBot",
)
