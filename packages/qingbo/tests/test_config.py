"""Settings, from the file and the environment."""

from pathlib import Path

import pytest
from qingbo.config import Settings, read_settings
from qingbo.errors import BadSettings
from qingbo.home import SETTINGS_TEMPLATE


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "qingbo.toml").write_text('title = "File"\nposts_per_page = 5\n')
    settings = read_settings(tmp_path, {"QINGBO_TITLE": "环境", "QINGBO_HOME": "/x", "OTHER": "y"})
    assert (settings.title, settings.posts_per_page) == ("环境", 5)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("POST_PER_PAGE", "5", "QINGBO_POST_PER_PAGE (environment) is no setting. Did you mean posts_per_page?"),
        ("POSTS_PER_PAGE", "many", "QINGBO_POSTS_PER_PAGE (environment): input should be a valid integer"),
        ("POSTS_PER_PAGE", "0", "QINGBO_POSTS_PER_PAGE (environment): input should be greater than or equal to 1"),
        ("TIMEZONE", "Mars/Base", "QINGBO_TIMEZONE (environment): is no time zone"),
        ("LANGUAGE", "fr", "QINGBO_LANGUAGE (environment): input should be 'zh' or 'en'"),
        ("ADDRESS", "blog.example.com", "QINGBO_ADDRESS (environment): must look like https://"),
        ("ADDRESS", "https://a.example/blog?x", "QINGBO_ADDRESS (environment): must look like https://"),
        ("ADDRESS", "https://a b?x#y", "QINGBO_ADDRESS (environment): must look like https://"),
        ("ADDRESS", "https://", "QINGBO_ADDRESS (environment): must look like https://"),
        ("DATABASE_URL", "sqlite://", "QINGBO_DATABASE_URL (environment): must begin with sqlite:///"),
        ("DATABASE_URL", "oracle://x", "QINGBO_DATABASE_URL (environment): must begin with sqlite://"),
        ("DATABASE_URL", "nonsense", "QINGBO_DATABASE_URL (environment): must begin with sqlite://"),
    ],
)
def test_a_bad_setting_is_refused_by_name(tmp_path: Path, key: str, value: str, message: str) -> None:
    with pytest.raises(BadSettings) as error:
        read_settings(tmp_path, {f"QINGBO_{key}": value})
    assert message in error.value.message


def test_everything_wrong_is_said_at_once_and_where(tmp_path: Path) -> None:
    (tmp_path / "qingbo.toml").write_text('tilte = "x"\nposts_per_page = "x"\n')
    with pytest.raises(BadSettings) as error:
        read_settings(tmp_path, {"QINGBO_LANGUAGE": "xx"})
    assert f"tilte ({tmp_path}/qingbo.toml) is no setting. Did you mean title?" in error.value.message
    assert f"posts_per_page ({tmp_path}/qingbo.toml): " in error.value.message
    assert "QINGBO_LANGUAGE (environment): " in error.value.message


def test_a_secret_is_not_repeated_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as error:
        read_settings(tmp_path, {"QINGBO_DATABASE_URL": "mongodb://u:geheim@h/d"})
    assert "geheim" not in error.value.format_message()


def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "qingbo.toml").write_text("title = x")
    with pytest.raises(BadSettings, match="cannot be read"):
        read_settings(tmp_path, {})


@pytest.mark.parametrize("scheme", ["mariadb", "mysql", "mysql+pymysql", "mariadb+pymysql"])
def test_mariadb_is_spoken_to_by_pymysql(tmp_path: Path, scheme: str) -> None:
    settings = read_settings(tmp_path, {"QINGBO_DATABASE_URL": f"{scheme}://u:p@h/d"})
    assert settings.database_url == "mysql+pymysql://u:p@h/d"


def test_postgresql_is_spoken_to_by_psycopg_3(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = read_settings(tmp_path, {"QINGBO_DATABASE_URL": f"{scheme}://u@h/d"})
        assert settings.database_url == "postgresql+psycopg://u@h/d"


def test_the_file_that_init_writes_names_every_setting_and_shows_what_holds(tmp_path: Path) -> None:
    assert all(f"# {name} = " in SETTINGS_TEMPLATE for name in Settings.model_fields)
    uncommented = [line[2:] for line in SETTINGS_TEMPLATE.splitlines() if line.startswith("# ") and " = " in line]
    shown = [
        line for line in uncommented if line.split(" = ")[0] in {"title", "language", "timezone", "posts_per_page"}
    ]
    (tmp_path / "qingbo.toml").write_text("\n".join(shown))
    assert read_settings(tmp_path, {}) == Settings()
