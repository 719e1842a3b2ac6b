"""The form of request bodies. A field the simulator does not model is refused, never ignored.

Not modelled: batches, server tools, images, documents, citations, stop sequences.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.simulator.errors import bad_request

MAX_TEXT_NAME = 128


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CacheControl(_Strict):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] = "5m"


class _Cacheable(_Strict):
    cache_control: CacheControl | None = None


class Text(_Cacheable):
    type: Literal["text"]
    text: str
    citations: None = None


class DirectCaller(_Strict):
    type: Literal["direct"]


class ToolUse(_Cacheable):
    type: Literal["tool_use"]
    id: str = Field(pattern=r"^[a-zA-Z0-9_-]+$")
    name: str = Field(min_length=1, max_length=MAX_TEXT_NAME)
    input: dict[str, Any]
    caller: DirectCaller | None = None
    toolset_name: None = None


class ToolResult(_Cacheable):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[Text] = ""
    is_error: bool = False
    toolset_name: None = None


class ThinkingBlock(_Strict):
    type: Literal["thinking"]
    thinking: str
    signature: str


Block = Annotated[Text | ToolUse | ToolResult | ThinkingBlock, Field(discriminator="type")]


class Turn(_Strict):
    role: Literal["user", "assistant"]
    content: str | list[Block]


class Tool(_Cacheable):
    type: Literal["custom"] | None = None
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")
    description: str = ""
    input_schema: dict[str, Any]
    strict: bool | None = None
    eager_input_streaming: bool | None = None


class OpenChoice(_Strict):
    type: Literal["auto", "any"]
    disable_parallel_tool_use: bool = False


class NoChoice(_Strict):
    type: Literal["none"]


class NamedChoice(_Strict):
    type: Literal["tool"]
    name: str
    disable_parallel_tool_use: bool = False


class ThinkingBudget(_Strict):
    type: Literal["enabled"]
    budget_tokens: int = Field(ge=1024)
    display: Literal["summarized", "omitted"] | None = None


class ThinkingAdaptive(_Strict):
    type: Literal["adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class ThinkingOff(_Strict):
    type: Literal["disabled", "between_tools"]


class JsonFormat(_Strict):
    type: Literal["json_schema"]
    json_schema: dict[str, Any] = Field(alias="schema")


class OutputConfig(_Strict):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonFormat | None = None


class CountRequest(_Strict):
    """The body of POST /v1/messages/count_tokens."""

    model: str
    messages: list[Turn] = Field(min_length=1, max_length=100_000)
    system: str | list[Text] | None = None
    tools: list[Tool] = []
    tool_choice: Annotated[OpenChoice | NoChoice | NamedChoice, Field(discriminator="type")] | None = None
    thinking: (
        Annotated[ThinkingBudget | ThinkingAdaptive | ThinkingOff, Field(discriminator="type")] | None
    ) = None
    output_config: OutputConfig | None = None
    cache_control: CacheControl | None = None


class MessageRequest(CountRequest):
    """The body of POST /v1/messages."""

    # 0 only warms the cache.
    max_tokens: int = Field(ge=0)
    stream: bool = False
    metadata: dict[str, str | None] | None = None
    service_tier: Literal["auto", "standard_only"] = "auto"
    temperature: int | float | None = Field(None, ge=0, le=1)
    top_p: int | float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=0)


def check(shape, body):
    """Raise the API's 400 unless `body` has the form `shape`; the message names the field."""
    try:
        shape.model_validate(body)
    except ValidationError as error:
        # A union reports every branch; the one that got furthest is the one that was meant.
        worst = max(error.errors(), key=lambda found: len(found["loc"]))
        place = ".".join(map(str, worst["loc"]))
        raise bad_request(f"{place}: {worst['msg']}" if place else worst["msg"]) from None
