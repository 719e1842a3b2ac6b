from django.urls import path

from features import streams
from features.views import dashboard_work, decisions, files, monitor, pages, projects, specs, wizard

app_name = "features"

FEATURE = "app/features/<str:public_id>"
SPEC = "app/specs/<str:public_id>"
PROJECT = "app/projects/<str:public_id>"

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
    path(f"{FEATURE}/monitor", monitor.monitor_frame, name="monitor"),
    path(f"{FEATURE}/progress", monitor.progress, name="progress"),
    path(f"{FEATURE}/log", monitor.log, name="log"),
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
    path(f"{FEATURE}/move", projects.feature_move, name="feature-move"),
    path(f"{FEATURE}/documents/brief/<int:revision>/keep", specs.brief_keep, name="brief-keep"),
    path("app/specs", specs.spec_list, name="spec-list"),
    path("app/specs/new", specs.spec_create, name="spec-create"),
    path("app/specs/import", specs.spec_import, name="spec-import"),
    path("app/specs/questions", wizard.spec_wizard, name="spec-wizard"),
    path(SPEC, specs.spec_detail, name="spec-detail"),
    path(f"{SPEC}/edit", specs.spec_edit, name="spec-edit"),
    path(f"{SPEC}/changes", specs.spec_diff, name="spec-diff"),
    path(f"{SPEC}/download", specs.spec_download, name="spec-download"),
    path(f"{SPEC}/duplicate", specs.spec_duplicate, name="spec-duplicate"),
    path(f"{SPEC}/delete", specs.spec_delete, name="spec-delete"),
    path(f"{SPEC}/move", projects.spec_move, name="spec-move"),
    path("app/projects", projects.project_list, name="project-list"),
    path("app/projects/new", projects.project_create, name="project-create"),
    path(PROJECT, projects.project_detail, name="project-detail"),
    path(f"{PROJECT}/rename", projects.project_rename, name="project-rename"),
    path(f"{PROJECT}/archive", projects.project_archive, name="project-archive"),
    path(f"{PROJECT}/restore", projects.project_restore, name="project-restore"),
    path(f"{PROJECT}/delete", projects.project_delete, name="project-delete"),
]
