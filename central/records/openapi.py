"""What the operations of the office may reply besides what they are for."""

from typing import Any

from pydantic import BaseModel, ConfigDict

PROBLEM_JSON = "application/problem+json"


class ProblemShown(BaseModel):
    """Why something was not done (RFC 9457), in both languages; `field` names what of the request was at fault."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no such record in persons",
                    "zh": "没有此人员记录",
                    "en": "there is no such record in persons",
                    "field": "id",
                }
            ]
        },
    )

    status: int
    detail: str
    title: str = ""
    type: str = "about:blank"
    zh: str = ""
    en: str = ""
    field: str = ""


_WORDS = {
    400: "The body cannot be read",
    401: "Nobody is signed in",
    403: "The role may not do this",
    404: "There is no such record",
    409: "It conflicts with what is there; of a record that was changed meanwhile the difference is told",
    410: "What is sent was good once",
    413: "The body is too large",
    422: "The request is not of its form, or refers to what is not there",
    428: "If-Match is missing",
    429: "Too many tries, or too much at once",
    503: "The database cannot be reached now",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may be refused with these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemShown"}
    return {status: {"description": _WORDS[status], "content": {PROBLEM_JSON: {"schema": schema}}} for status in statuses}


READS = problems(401, 403, 404, 422, 503)
CREATES = problems(401, 403, 404, 409, 413, 422, 503)
WRITES = problems(401, 403, 404, 409, 413, 422, 428, 503)
EDGES = problems(400, 401, 403, 404, 409, 410, 413, 422, 429, 503)
