"""Error reports without values (settings.DEFAULT_EXCEPTION_REPORTER and its filter)."""

from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from buildpractical.lib.redact import mask


class QuietFilter(SafeExceptionReporterFilter):
    """Shows no local variable and no submitted value, under DEBUG too: each may be a key or private text."""

    def is_active(self, request):
        return True

    def get_post_parameters(self, request):
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request, tb_frame):
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]


class QuietReporter(ExceptionReporter):
    """Django's report with every secret masked, also those in an exception's own text."""

    def get_traceback_html(self):
        return mask(super().get_traceback_html())

    def get_traceback_text(self):
        return mask(super().get_traceback_text())
