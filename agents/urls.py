from django.urls import path

from agents import views

app_name = "agents"

urlpatterns = [
    path("app/month", views.month, name="month"),
    path("app/features/<str:public_id>/runs", views.run_list, name="runs"),
    path("app/costs", views.project_cost_list, name="project-costs"),
    path("app/projects/<str:public_id>/runs", views.project_run_list, name="project-runs"),
]
