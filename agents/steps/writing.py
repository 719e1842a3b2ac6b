"""The bounded tool loop in which an agent writes files (llm.md §5)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from agents import gateway, layout, prompts, tools
from agents.filemap import FileMap
from agents.gateway import Call
from agents.stack import kind_of
from agents.text import shown
from buildpractical.lib.clock import utcnow
from features import artifacts, events
from features.failures import Failure
from features.models import Feature
from features.steps import StepError

MAX_RECORDED_REFUSALS = 10
MAX_LISTED = 30


@dataclass
class Writing:
    """One loop. tree: what may be written. blocks: the data of the first user turn.

    wanting: returns what is still missing when the agent says it is done, in sentences. failure: when the
    bounds are reached before. essential: returns what must not be missing then; [] lets the loop end anyway.
    tasks: the paths of each task of the plan, to tell how many are done.
    """

    feature: Feature
    lease: object
    agent: str
    prompt: str
    tree: FileMap
    blocks: list
    wanting: Callable[[], list]
    essential: Callable[[], list]
    failure: Failure
    values: dict = field(default_factory=dict)
    tasks: list = field(default_factory=list)

    def run(self):
        """Write until nothing is wanting. Each accepted file is stored before the next call.

        Raises StepError when a bound is reached while something essential is missing; accepted files stay.
        """
        role = layout.role_block(self.agent, prompts.render(self.prompt, **self.values))
        messages = [layout.user(*self.blocks, role)]
        nudges = output = refusals = 0
        for turn in range(1, settings.IMPLEMENT_MAX_TURNS + 1):
            reply = gateway.ask(self._call(messages, turn), lease=self.lease)
            output += reply.usage.output
            calls, dropped = _whole(reply)
            self._log(turn, reply, calls)
            results, looks = [], []  # a look at a file changes nothing: it is told with what comes next
            for call in calls:
                result = tools.run(call, self.tree)
                results.append(result)
                start, end = _told(result, self.tree)
                if result.saved:
                    self._keep(result.saved, before=[*looks, start], after=[end])
                    looks = []
                elif result.refusal:
                    refusals += 1
                    if refusals <= MAX_RECORDED_REFUSALS:
                        self._tell([*looks, start, _refused(result), end])
                        looks = []
                else:
                    looks += [start, end]
            if looks:
                self._tell(looks)
            notes = _notes_on_cut(reply, dropped)
            if not any(result.saved for result in results):
                # Reading and ending count alike: a turn that wrote nothing must not go on for ever.
                wanting = self.wanting()
                if not wanting and not calls and not reply.is_cut:
                    return
                if not calls or reply.is_cut:
                    nudges += 1
                    self.lease.logbook.line("nudged", agent=self.agent, turn=turn, count=len(wanting))
                    notes.append(_still_wanting(wanting))
            if nudges > settings.IMPLEMENT_MAX_NUDGES or output >= settings.IMPLEMENT_MAX_OUTPUT_TOKENS:
                break
            _append(messages, reply, dropped, results, notes)
        self._end_at_bound()

    def _end_at_bound(self):
        if missing := self.essential():
            raise StepError(self.failure, permanent=True, detail=_list_of(missing))

    def _call(self, messages, turn):
        return Call(
            feature=self.feature,
            agent=self.agent,
            prompt=self.prompt,
            system=[layout.governance(cached=True)],
            messages=_with_breakpoints(messages),
            tools=tools.definitions(),
            cached=True,
            turn=turn,
            attempt=gateway.attempt_of(self.feature),
        )

    def _log(self, turn, reply, calls):
        about = {"agent": self.agent, "turn": turn}
        line = self.lease.logbook.line
        line(
            "answered",
            read=reply.usage.total_input,
            written=reply.usage.output,
            calls=len(calls),
            **about,
        )
        if reply.is_cut:
            line("cut", **about)

    def _keep(self, path, *, before, after):
        content = self.tree.files[path].encode()
        stored = artifacts.store(self.feature.workspace_id, self.feature.pk, content)
        after = [*after, self._progress()]
        with self.lease.checkpoint() as fresh:
            artifacts.add(
                fresh,
                path=path,
                kind=kind_of(path),
                stored=stored,
                now=utcnow(),
                before=before,
                after=after,
            )

    def _progress(self):
        written = self.tree.changed
        return "progress", {
            "files": len(written.intersection(self.tree.planned)),
            "of_files": len(self.tree.planned),
            "tasks": sum(written.issuperset(paths) for paths in self.tasks),
            "of_tasks": len(self.tasks),
        }

    def _tell(self, told):
        with self.lease.checkpoint() as fresh:
            events.append_all(fresh, told)


def _told(result, tree):
    """Return the begin and the end of a tool call as events; of what the agent sent only names that we know."""
    path = (result.call.fields or {}).get("path")
    known = isinstance(path, str) and (path in tree.planned or path in tree.all_files())
    about = {"tool": tools.known(result.call.name), "path": path if known else ""}
    code = result.refusal.code if result.refusal else ""
    return ("tool_start", about), ("tool_end", about | {"ok": not code, "code": code})


def _refused(result):
    path = (result.call.fields or {}).get("path", result.call.path)
    data = {"what": "file_refused", "code": result.refusal.code, "path": shown(path)}
    return "activity", data


def _with_breakpoints(messages):
    """Return the messages with breakpoints after the first turn and where the last request ended.

    With those after the system block and at the end they are the four that are allowed. The cache looks only
    20 blocks back from each: a turn with many calls would be more.
    """
    ours = [n for n, turn in enumerate(messages) if turn["role"] == "user"]
    ends = {0, *ours[-2:-1]}
    return [layout.marked(turn) if n in ends else turn for n, turn in enumerate(messages)]


def _whole(reply):
    """Return (calls to run, the call that was cut or None).

    After a cut the last call is dropped even when it parses: a shortened text is still a valid text.
    """
    calls = list(reply.tool_calls)
    dropped = calls.pop() if reply.is_cut and calls else None
    return calls, dropped


def _notes_on_cut(reply, dropped):
    if not reply.is_cut:
        return []
    if dropped is None:
        return ["Your answer was cut because it was too long. Go on with the files."]
    name = shown(dropped.path) or "the last file"
    return [
        f"Your answer was cut because it was too long: {name} was NOT saved. Write it again, alone in its turn."
    ]


def _still_wanting(wanting):
    return f"This is not finished. {_list_of(wanting)}" if wanting else "Go on, or end your turn."


def _list_of(sentences):
    more = f" And {len(sentences) - MAX_LISTED} more." if len(sentences) > MAX_LISTED else ""
    return " ".join(sentences[:MAX_LISTED]) + more


def _append(messages, reply, dropped, results, notes):
    """Add the agent's turn and ours. Results come first, one for each kept call; notes follow."""
    blocks = [b for b in reply.blocks if dropped is None or b.get("id") != dropped.id]
    if turn := layout.assistant(blocks):
        messages.append(turn)
    ours = [result.block() for result in results]
    if notes:
        ours.append(layout.text_block("\n".join(notes)))
    messages.append(layout.user(*ours))
