"""Export files of WordPress for tests, in the shape that WordPress writes."""

from dataclasses import dataclass, field
from html import escape

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>Old blog</title>
<link>{site}</link>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{site}</wp:base_site_url>
<wp:base_blog_url>{site}</wp:base_blog_url>
"""
SITE = "https://old.example"


@dataclass
class WordPress:
    """A blog to export."""

    site: str = SITE
    parts: list[str] = field(default_factory=list)

    def author(self, login: str, number: int, **values: str) -> None:
        values = {"email": f"{login}@old.example", "display_name": login.title()} | values
        inner = "".join(element(f"wp:author_{name}", value) for name, value in values.items())
        self.parts.append(
            f"<wp:author><wp:author_id>{number}</wp:author_id>{element('wp:author_login', login)}{inner}</wp:author>"
        )

    def category(self, slug: str, name: str, parent: str = "", description: str = "") -> None:
        values = {"category_nicename": slug, "category_parent": parent, "cat_name": name,
                  "category_description": description}  # fmt: skip
        self.parts.append(
            f"<wp:category>{''.join(element(f'wp:{key}', value) for key, value in values.items())}</wp:category>"
        )

    def tag(self, slug: str, name: str) -> None:
        self.parts.append(f"<wp:tag>{element('wp:tag_slug', slug)}{element('wp:tag_name', name)}</wp:tag>")

    def item(self, number: int, title: str = "", text: str = "", **values: object) -> None:
        """Add an item. `terms` are (domain, nicename, name), `comments` made by `comment`, `metas` a dict."""
        terms = "".join(
            f'<category domain="{domain}" nicename="{nicename}"><![CDATA[{name}]]></category>'
            for domain, nicename, name in values.pop("terms", ())  # type: ignore[attr-defined]
        )
        comments = "".join(values.pop("comments", ()))  # type: ignore[arg-type]
        metas = "".join(
            f"<wp:postmeta>{element('wp:meta_key', key)}{element('wp:meta_value', value)}</wp:postmeta>"
            for key, value in values.pop("metas", {}).items()  # type: ignore[attr-defined]
        )
        link = values.pop("link", f"{self.site}/2020/03/post-{number}/")
        fields = {
            "post_id": number, "post_date": "2020-03-01 18:00:00", "post_date_gmt": "2020-03-01 10:00:00",
            "post_modified": "2020-03-02 18:00:00", "post_modified_gmt": "2020-03-02 10:00:00",
            "post_name": f"post-{number}", "status": "publish", "post_parent": 0, "post_type": "post",
            "post_password": "", "is_sticky": 0,
        } | {key: value for key, value in values.items() if key not in {"creator", "excerpt"}}  # fmt: skip
        inner = "".join(element(f"wp:{key}", value) for key, value in fields.items())
        self.parts.append(
            f"<item><title>{escape(title)}</title><link>{escape(str(link))}</link>"
            f"{element('dc:creator', values.get('creator', 'ann'))}{element('content:encoded', text)}"
            f"{element('excerpt:encoded', values.get('excerpt', ''))}{inner}{terms}{metas}{comments}</item>"
        )

    def __str__(self) -> str:
        return HEAD.format(site=self.site) + "\n".join(self.parts) + "\n</channel>\n</rss>\n"


def comment(number: int, text: str, **values: object) -> str:
    """Return a comment, by a guest unless said otherwise."""
    fields = {
        "id": number, "author": "Guest", "author_email": "guest@example.org", "date": "2020-03-03 18:00:00",
        "date_gmt": "2020-03-03 10:00:00", "content": text, "approved": "1", "type": "comment", "parent": 0,
        "user_id": 0,
    } | values  # fmt: skip
    return f"<wp:comment>{''.join(element(f'wp:comment_{key}', value) for key, value in fields.items())}</wp:comment>"


def element(name: str, value: object) -> str:
    """Return an element with text."""
    return f"<{name}><![CDATA[{value}]]></{name}>"
