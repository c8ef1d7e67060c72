"""What this post is called, and its days in the site's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.desk.booth import Booth
from edge.desk.heading import heading


def post_of(booth: Booth) -> str:
    """Return the name of the post that this booth is: as configured, else that of its gate."""
    config = booth.config
    return config.booth.post or heading(config, booth.book.pages, booth.roll.find, booth.clock.utc()).gate


def posts_of(booth: Booth) -> list[str]:
    """Return the names by which posts of the site may be called, this one first."""
    own = post_of(booth)
    settings = booth.book.pages.settings
    return list(dict.fromkeys((own, *(settings.posts if settings else ()))))


def day_of(moment: datetime, zone: str) -> date:
    """Return the day of a time in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def begin_of_day(utc: float, zone: str, days_back: int = 0) -> datetime:
    """Return when the day of a time began in a zone, or one so many days before."""
    here = ZoneInfo(zone)
    today = datetime.fromtimestamp(utc, UTC).astimezone(here).date()
    return datetime.combine(today - timedelta(days=days_back), datetime.min.time(), here)
