"""Error answers of the API."""

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    409: "conflict_error",
    # The one documented type without the "_error" ending; the SDK's type list lacks it.
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """A refusal to send to the client. headers: extra response headers."""

    def __init__(self, status, message, *, error_code=None, headers=()):
        super().__init__(message)
        self.status = status
        self.error_code = error_code
        self.headers = list(headers)

    def body(self, request_id):
        """Return the error object of the wire format."""
        error = {"type": TYPES[self.status], "message": str(self)}
        if self.error_code:
            error["details"] = {"error_code": self.error_code}
        return {"type": "error", "error": error, "request_id": request_id}


def bad_request(message):
    """Return the 400 for a request the API does not accept."""
    return ApiError(400, message)
