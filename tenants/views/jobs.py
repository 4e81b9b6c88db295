"""Background work: what runs, how far it is, why it failed."""

from __future__ import annotations

from operator import attrgetter

from django.apps import apps
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenants import services
from tenants.access import Access
from tenants.downloads import export_page
from tenants.jobs import NotRepeatable, why_once
from tenants.models import Job, TenantOwned
from tenants.pages import object_page, paginate, render_page, tenant_page
from tenants.rules import JOB_SUBJECTS
from tenants.tables import Columns

SORTS = {"created": "created_at", "title": "title", "status": "status"}


@tenant_page("GET")
def job_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody's jobs, as far as this person may see them; newest first."""
    context = {
        "access": access,
        "page": paginate(request, _filtered(request, access.visible(Job)), sorts=SORTS),
        "statuses": Job.Status.choices,
        "status": request.GET.get("status", ""),
        "query": request.GET.get("q", ""),
    }
    return render_page(request, "tenants/job_list.html", context, partial="results")


def _filtered(request: HttpRequest, jobs: QuerySet[Job]) -> QuerySet[Job]:
    status, query = request.GET.get("status"), request.GET.get("q")
    if status in Job.Status.values:
        jobs = jobs.filter(status=status)
    if query:
        jobs = jobs.filter(title__icontains=query)
    return jobs.select_related("created_by")


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
job_export = export_page(
    "jobs", COLUMNS, lambda request, access: _filtered(request, access.visible(Job))
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
