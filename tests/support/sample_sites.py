"""Four small blogs in the shapes of Hexo, Hugo, Jekyll and Zola, with what an import has to make of each.

In texts, words such as `marker01` occur once. A file `*.png` contains the width of its picture.
"""

from dataclasses import dataclass, field
from pathlib import Path

from site_imports import written


@dataclass(frozen=True)
class SampleSite:
    """A blog, and what has to come of it."""

    files: dict[str, str]
    public: dict[str, list[str]]
    """The old addresses of each marker that everybody may read."""
    pages: set[str]
    """Markers in pages."""
    withheld: dict[str, list[str]]
    """The old addresses of each marker that nobody may read yet."""
    pictures: int
    skipped: int = 0
    """How many files are passed over."""
    unused: list[str] = field(default_factory=list)
    """Markers in files that the generator does not publish."""

    def write(self, folder: Path) -> Path:
        """Make the blog in a new folder."""
        return written(folder, self.files)

    @property
    def markers(self) -> set[str]:
        """All markers that have to be in posts."""
        return {*self.public, *self.withheld}


HEXO = SampleSite(
    files={
        "_config.yml": (
            "title: 茶\nurl: https://tea.example\nroot: /\npermalink: :year/:month/:day/:title/\n"
            "new_post_name: :year-:month-:day-:title.md\ntimezone: Asia/Shanghai\npost_asset_folder: true\n"
        ),
        "package.json": '{"dependencies": {"hexo": "7", "hexo-renderer-marked": "6"}}',
        "source/_posts/2024-01-02-green-tea.md": (
            "---\ntitle: 绿茶\ndate: 2024-01-02 07:30:00\ntags: [茶]\ncategories:\n- [饮料, 茶叶]\n"
            "cover: /images/cover.png\n---\nmarker01 ![](cup.png) {% asset_img leaf.png A leaf %}\n"
        ),
        "source/_posts/2024-01-02-green-tea/cup.png": "31",
        "source/_posts/2024-01-02-green-tea/leaf.png": "32",
        "source/images/cover.png": "33",
        "source/_posts/你好 世界.md": "---\ntitle: 部署: 一\ndate: 2024-2-7\nupdated: 2024-03-01\n---\nmarker02\n",
        "source/_posts/deep/black.md": (
            "title: 红茶\ndate: 2024-03-04 10:00\npermalink: archives/12.html\n---\nmarker03\n"
        ),
        "source/_posts/moved.md": (
            "---\ntitle: Moved\ndate: 2024-05-06\nalias: [/old/moved.html, '/旧/地址/']\n---\nmarker04\n"
        ),
        "source/_posts/hidden.md": "---\ntitle: Hidden\ndate: 2024-06-07\nhidden: true\n---\nmarker05\n",
        "source/_posts/locked.md": "---\ntitle: Locked\ndate: 2024-06-08\npassword: 123\n---\nmarker06\n",
        "source/_posts/undated.md": "---\ntitle: Undated\n---\nmarker07\n",
        "source/_drafts/idea.md": "---\ntitle: Idea\n---\nmarker08\n",
        "source/about/index.md": "---\ntitle: 关于\nlayout: page\n---\nmarker09 ![](me.png)\n",
        "source/about/me.png": "34",
        "source/tags/index.md": "---\ntitle: Tags\ntype: tags\n---\n",
        "themes/next/README.md": "# Theme\n\nmarker10\n",
        "README.md": "# Mine\n\nmarker11\n",
    },
    public={
        "marker01": ["/2024/01/02/green-tea/"],
        "marker02": ["/2024/02/07/%E4%BD%A0%E5%A5%BD%20%E4%B8%96%E7%95%8C/", "/2024/02/07/你好 世界"],
        "marker03": ["/archives/12.html"],
        "marker04": ["/2024/05/06/moved/", "/old/moved.html", "/%E6%97%A7/%E5%9C%B0%E5%9D%80/"],
        "marker09": ["/about/", "/about/index.html"],
    },
    pages={"marker09"},
    withheld={
        "marker05": ["/2024/06/07/hidden/"],
        "marker06": ["/2024/06/08/locked/"],
        "marker07": [],
        "marker08": [],
    },
    pictures=4,
    skipped=3,
    unused=["marker10", "marker11"],
)

HUGO = SampleSite(
    files={
        "hugo.toml": (
            'baseURL = "https://tea.example/blog/"\ntitle = "Tea"\n[permalinks]\nnotes = "/:year/:month/:slug/"\n'
        ),
        "content/posts/green-tea/index.md": (
            '+++\ntitle = "Green tea"\ndate = 2024-01-02T10:00:00+08:00\ntags = ["tea"]\n'
            'aliases = ["/old/green", "beside"]\n[cover]\nimage = "cover.png"\n+++\nmarker01 ![](cup.png)\n'
        ),
        "content/posts/green-tea/cover.png": "41",
        "content/posts/green-tea/cup.png": "42",
        "content/posts/Black Tea.md": "---\ntitle: 红茶\ndate: 2024-02-03\nslug: hong\n---\nmarker02 ![](/img/x.png)\n",
        "static/img/x.png": "43",
        "content/notes/一期一会.md": "---\ntitle: One time\ndate: 2024-03-04\n---\nmarker03\n",
        "content/posts/url.md": "---\ntitle: Url\ndate: 2024-03-05\nurl: /special/place/\n---\nmarker04\n",
        "content/posts/draft.md": "+++\ntitle = 'Draft'\ndate = 2024-01-01\ndraft = true\n+++\nmarker05\n",
        "content/posts/expired.md": "---\ntitle: Old\ndate: 2019-01-01\nexpiryDate: 2020-01-01\n---\nmarker06\n",
        "content/posts/later.md": "---\ntitle: Later\ndate: 2024-01-01\npublishDate: 2999-01-01\n---\nmarker07\n",
        "content/about.md": "---\ntitle: About\ndate: 2020-01-01\n---\nmarker08\n",
        "content/posts/_index.md": "---\ntitle: All posts\n---\nmarker09\n",
        "content/notes/_index.md": "---\ntitle: All notes\n---\n",
        "archetypes/default.md": "---\ntitle: x\ndraft: true\n---\nmarker10\n",
        "content/posts/raw.html": "<p>marker11</p>",
    },
    public={
        "marker01": ["/blog/posts/green-tea/", "/blog/old/green/", "/blog/posts/beside/"],
        "marker02": ["/blog/posts/hong/"],
        "marker03": ["/blog/2024/03/one-time/"],
        "marker04": ["/blog/special/place/"],
        "marker08": ["/blog/about/"],
        "marker09": ["/blog/posts/"],
    },
    pages={"marker08", "marker09"},
    withheld={
        "marker05": ["/blog/posts/draft/"],
        "marker06": ["/blog/posts/expired/"],
        "marker07": ["/blog/posts/later/"],
    },
    pictures=3,
    skipped=3,
    unused=["marker10", "marker11"],
)

JEKYLL = SampleSite(
    files={
        "_config.yml": "title: Tea\nbaseurl: /journal\ncollections:\n  recipes:\n    output: true\n",
        "Gemfile": "gem 'jekyll'\n",
        "_posts/2024-01-02-green-tea.md": (
            "---\ntitle: Green tea\ncategories: Drinks\ntags: tea green\nimage: /assets/cover.png\n---\n"
            "marker01 ![]({{ site.baseurl }}/assets/cup.png)\n"
        ),
        "assets/cover.png": "51",
        "assets/cup.png": "52",
        "news/_posts/2024-02-03-news.markdown": "---\ntitle: News\n---\nmarker02\n",
        "_posts/2024-03-04-pretty.md": "---\ntitle: Pretty\npermalink: pretty\n---\nmarker03\n",
        "_posts/2024-03-05-moved.mkd": "---\ntitle: Moved\nredirect_from:\n- /a/b\n- /c.html\n---\nmarker04\n",
        "_posts/2024-04-05-unpublished.md": "---\ntitle: No\npublished: false\n---\nmarker05\n",
        "_drafts/idea.md": "---\ntitle: Idea\n---\nmarker06\n",
        "_recipes/milk.md": "---\ntitle: Milk\ndate: 2024-01-09\n---\nmarker07\n",
        "about.md": "---\ntitle: About\nlayout: page\npermalink: /about-me/\n---\nmarker08\n",
        "README.md": "# Readme\n\nmarker09\n",
        "index.md": "---\nlayout: home\n---\n",
        "_includes/x.md": "marker10\n",
        "_posts/.hidden.md": "---\ntitle: Hidden\n---\nmarker11\n",
    },
    public={
        "marker01": ["/journal/drinks/2024/01/02/green-tea.html", "/journal/drinks/2024/01/02/green-tea"],
        "marker02": ["/journal/news/2024/02/03/news.html"],
        "marker03": ["/journal/2024/03/04/pretty/"],
        "marker04": ["/journal/2024/03/05/moved.html", "/journal/a/b", "/journal/c.html"],
        "marker07": [],
        "marker08": ["/journal/about-me/"],
    },
    pages={"marker08"},
    withheld={"marker05": ["/journal/2024/04/05/unpublished.html"], "marker06": []},
    pictures=2,
    skipped=4,
    unused=["marker09", "marker10", "marker11"],
)

ZOLA = SampleSite(
    files={
        "config.toml": 'base_url = "https://tea.example"\n[slugify]\npaths = "safe"\n',
        "content/blog/_index.md": '+++\ntitle = "Blog"\n+++\n',
        "content/blog/2024-01-02-green-tea.md": (
            '+++\ntitle = "Green tea"\naliases = ["old/green"]\n[taxonomies]\ntags = ["tea", "绿茶"]\n'
            '[extra]\ncover = "cover.png"\n+++\nmarker01 ![](/img/cup.png)\n'
        ),
        "content/blog/cover.png": "61",
        "static/img/cup.png": "62",
        "content/blog/红茶/index.md": "+++\ntitle = 'Black'\ndate = 2024-02-03\n+++\nmarker02 ![](cup.png)\n",
        "content/blog/红茶/cup.png": "63",
        "content/blog/path.md": "+++\ntitle = 'Path'\ndate = 2024-03-04\npath = 'other/place'\n+++\nmarker03\n",
        "content/blog/draft.md": "+++\ntitle = 'Draft'\ndate = 2024-03-05\ndraft = true\n+++\nmarker04\n",
        "content/about.md": "+++\ntitle = 'About'\n+++\nmarker05\n",
        "templates/readme.md": "marker06\n",
    },
    public={
        "marker01": ["/blog/green-tea/", "/old/green/"],
        "marker02": ["/blog/红茶/", "/blog/%E7%BA%A2%E8%8C%B6/index.html"],
        "marker03": ["/other/place/"],
        "marker05": ["/about/"],
    },
    pages={"marker05"},
    withheld={"marker04": ["/blog/draft/"]},
    pictures=3,
    skipped=2,
    unused=["marker06"],
)

SITES = {"hexo": HEXO, "hugo": HUGO, "jekyll": JEKYLL, "zola": ZOLA}
