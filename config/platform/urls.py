"""Pages of no organisation, for whoever looks after all."""

from django.urls import path

from config.platform import views

app_name = "platform"
urlpatterns = [
    path("", views.tenant_list, name="tenant-list"),
    path("new/", views.tenant_create, name="tenant-create"),
    path("<uuid:pk>/", views.tenant_detail, name="tenant-detail"),
    path("<uuid:pk>/join/", views.tenant_join, name="tenant-join"),
    path("<uuid:pk>/leave/", views.tenant_leave, name="tenant-leave"),
    path("<uuid:pk>/owner/", views.owner_invite, name="owner-invite"),
    path("<uuid:pk>/archive/", views.tenant_archive, name="tenant-archive"),
    path("<uuid:pk>/unarchive/", views.tenant_unarchive, name="tenant-unarchive"),
]
