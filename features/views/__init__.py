from features.views.home import dashboard, dashboard_work, health, home

__all__ = ["dashboard", "dashboard_work", "health", "home"]
