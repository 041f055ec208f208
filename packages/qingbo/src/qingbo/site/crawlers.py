"""Programs that gather texts for language models, by the names that they look for in robots.txt (RFC 9309).

The list follows https://github.com/ai-robots-txt/ai.robots.txt as it was on 2026-11-27: crawlers that fetch whole
sites to train models or to build the index that answers are made of. Programs that fetch one page because a person
asked for it are not in it, nor are crawlers that search engines use for their results.
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
