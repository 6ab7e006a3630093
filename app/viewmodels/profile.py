"""The metrics and comments for a public profile."""

from app.domain.trust import TrustReport
from app.i18n import _, n_
from app.viewmodels.services import AppServices
from app.viewmodels.trust import for_profile

COMMENTS = 3


def comments(report: TrustReport) -> list[str]:
    """The client comments with the most stars, at most COMMENTS, without names."""
    rated = [each for each in report.rated if each.comment.strip()]
    best = sorted(rated, key=lambda each: -each.stars)[:COMMENTS]
    return [each.comment.strip() for each in best]


def as_text(app: AppServices, report: TrustReport, with_comments: bool) -> str:
    lines = [title(app, report), ""]
    lines += [
        _("{label}: {value}").format(label=each.title, value=each.value) for each in for_profile(app, report)
    ]
    if with_comments and (found := comments(report)):
        lines += ["", *(_("“{comment}”").format(comment=each) for each in found)]
    return "\n".join(lines)


def title(app: AppServices, report: TrustReport) -> str:
    name = app.settings.name
    if not name:
        return n_("The last {n} day", "The last {n} days", report.days)
    return n_("{name}, the last {n} day", "{name}, the last {n} days", report.days, name=name)
