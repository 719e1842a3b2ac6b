from django.urls import path

from features import streams
from features.views import dashboard_work, decisions, files, pages

app_name = "features"

FEATURE = "app/features/<str:public_id>"

urlpatterns = [
    path("app/work", dashboard_work, name="work"),
    path("app/features", pages.feature_list, name="feature-list"),
    path("app/features/rows", pages.feature_rows, name="feature-rows"),
    path("app/features/new", pages.feature_create, name="feature-create"),
    path(FEATURE, pages.feature_detail, name="feature-detail"),
    path(f"{FEATURE}/events", streams.events, name="events"),
    path(f"{FEATURE}/head", pages.head, name="head"),
    path(f"{FEATURE}/gate", pages.gate, name="gate"),
    path(f"{FEATURE}/documents", pages.documents, name="documents"),
    path(f"{FEATURE}/documents/<str:kind>/<int:revision>", pages.document_detail, name="document-detail"),
    path(f"{FEATURE}/files", pages.files, name="files"),
    path(f"{FEATURE}/files/<int:pk>", files.file_detail, name="file-detail"),
    path(f"{FEATURE}/files/<int:pk>/info", files.file_info, name="file-info"),
    path(f"{FEATURE}/files/<int:pk>/download", files.file_download, name="file-download"),
    path("files/<str:token>", files.file_content, name="file-content"),
    path(f"{FEATURE}/activity", pages.activity_list, name="activity"),
    path(f"{FEATURE}/approve", decisions.approve, name="approve"),
    path(f"{FEATURE}/revise", decisions.revise, name="revise"),
    path(f"{FEATURE}/retry", decisions.retry, name="retry"),
    path(f"{FEATURE}/stop", decisions.stop, name="stop"),
    path(f"{FEATURE}/brief/edit", decisions.brief_edit, name="brief-edit"),
    path(f"{FEATURE}/brief/confirm", decisions.brief_confirm, name="brief-confirm"),
    path(f"{FEATURE}/brief/discard", decisions.brief_discard, name="brief-discard"),
    path(f"{FEATURE}/limit/raise", decisions.cap_raise, name="cap-raise"),
    path(f"{FEATURE}/rename", pages.rename, name="rename"),
    path(f"{FEATURE}/delete", pages.delete, name="delete"),
    path(f"{FEATURE}/download", pages.download, name="download"),
]
