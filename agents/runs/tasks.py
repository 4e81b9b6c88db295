"""Names for background calls of runs."""

from celery import shared_task

from agents.runs import endings, working
from tenants.jobs import Lease, job_kind

EXECUTE = "runs.execute"


@job_kind(
    EXECUTE,
    queue="runs",
    subject="runs.AgentRun",
    on_failure=working.job_ended,
    once="A run is done once. Open the run to ask the same again.",
)
def execute_run(lease: Lease) -> None:
    """Do a queued run."""
    working.do_queued_run(lease)


@shared_task(name="runs.end_interrupted_runs", ignore_result=True)
def end_interrupted_runs() -> None:
    """Every 15 seconds: see to runs whose process is gone."""
    endings.end_interrupted_runs()
