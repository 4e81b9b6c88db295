"""Pages of runs, under /t/<tenant>/."""

app_name = "runs"

urlpatterns: list = []
