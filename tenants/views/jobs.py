"""Background work: what runs, how far it is, why it failed."""

from __future__ import annotations

from operator import attrgetter

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenants import bulk, services
from tenants.access import Access
from tenants.bulk import Act, Listed, NotDone
from tenants.downloads import export_page
from tenants.job_forms import JobFilters
from tenants.jobs import NotRepeatable, why_once
from tenants.lists import ListPage
from tenants.models import Job, TenantOwned
from tenants.pages import object_page, paginate, render_page, tenant_page
from tenants.rules import JOB_SUBJECTS
from tenants.tables import Columns
from tenants.views.saved_views import with_saved_views

SORTS = {"created": "created_at", "title": "title", "status": "status"}


LIST = ListPage(
    "jobs",
    "tenants:job-list",
    JobFilters,
    lambda access: access.visible(Job).select_related("created_by"),
)


@tenant_page("GET")
@with_saved_views(LIST)
def job_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody's jobs, as far as this person may see them; newest first."""
    _, jobs = LIST.shown(access, request.GET)
    context = {
        "access": access,
        "page": paginate(request, jobs, sorts=SORTS),
        "statuses": Job.Status.choices,
        "status": request.GET.get("status", ""),
        "query": request.GET.get("q", ""),
    }
    return render_page(request, "tenants/job_list.html", context, partial="results")


COLUMNS: Columns = {
    "id": attrgetter("pk"),
    "title": attrgetter("title"),
    "kind": attrgetter("kind"),
    "status": attrgetter("status"),
    "done": attrgetter("done"),
    "total": attrgetter("total"),
    "unit": attrgetter("unit"),
    "cause": attrgetter("cause"),
    "by": lambda job: str(job.created_by or ""),
    "created_at": attrgetter("created_at"),
    "finished_at": attrgetter("finished_at"),
}
job_export = export_page(LIST, COLUMNS)


def _retry(access: Access, job: Job) -> None:
    if job.status not in (Job.Status.FAILED, Job.Status.CANCELLED):
        raise NotDone("it has neither failed nor been cancelled")
    services.retry_job(access, job)


def _cancel(access: Access, job: Job) -> None:
    if not job.is_unfinished:
        raise NotDone("it has ended already")
    services.cancel_job(access, job)


bulk.declare(
    Listed(
        page=LIST,
        model=Job,
        noun="job",
        nouns="jobs",
        acts=(
            Act(
                "retry",
                "Try again",
                "retry",
                "Those that failed or were cancelled are queued again, and done with your rights.",
                "queued again",
                right="manage",
                do=_retry,
                is_danger=False,
            ),
            Act(
                "cancel",
                "Cancel",
                "stop",
                "Waiting jobs end now, running ones where they next stop to look.",
                "cancelled",
                right="manage",
                do=_cancel,
            ),
        ),
    )
)


@object_page(Job, "view", "GET")
def job_detail(request: HttpRequest, access: Access, job: Job) -> HttpResponse:
    """One job; the page renews its own content while the job is unfinished."""
    context = {
        "access": access,
        "job": job,
        "subject": _subject(access, job),
        "may_manage": access.may_do(job, "manage"),
        "why_once": why_once(job),
    }
    return render_page(request, "tenants/job_detail.html", context, partial="content")


def _subject(access: Access, job: Job) -> TenantOwned | None:
    """What the job is about, where that still exists and may be seen."""
    if job.subject_type not in JOB_SUBJECTS:
        return None
    return access.visible(apps.get_model(job.subject_type)).filter(pk=job.subject_id).first()


@object_page(Job, "view", "GET")
def job_progress(request: HttpRequest, access: Access, job: Job) -> HttpResponse:
    """The progress alone, for pages that show a job among other things."""
    response = render(request, "components/job.html", {"access": access, "job": job})
    if not job.is_unfinished:
        # Tells the rest of the page, whose own lists may now look different.
        response.headers["HX-Trigger"] = "job-finished"
    return response


@tenant_page("GET")
def job_indicator(request: HttpRequest, access: Access) -> HttpResponse:
    """The corner of the top bar that counts unfinished jobs."""
    return render(request, "components/jobs_indicator.html", {"access": access})


@object_page(Job, "manage", "POST")
def job_retry(request: HttpRequest, access: Access, job: Job) -> HttpResponse:
    """Queue a failed or cancelled job again."""
    try:
        services.retry_job(access, job)
        messages.success(request, f"“{job}” is queued again.")
    except NotRepeatable as error:
        messages.error(request, str(error))
    return redirect(job)


@object_page(Job, "manage", "POST")
def job_cancel(request: HttpRequest, access: Access, job: Job) -> HttpResponse:
    """Stop a job that waits or runs."""
    services.cancel_job(access, job)
    messages.success(request, f"“{job}” is being cancelled.")
    return redirect(job)
