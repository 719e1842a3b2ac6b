"""What the app adds to the wait for an answer's first text while 100 answers of a real length are written.

As chat_relay, with answers of about 20 seconds: a person does not send a message every three seconds.
"""

from tests.bench import chat_relay
from tests.bench.table import Figure, median, percentile

STREAMS = 100
PIECES, PIECE_SECONDS = 400, 0.05


def measure():
    """Return what the app adds to the median and, in the same order of answers, to the slowest twentieth."""
    plan = chat_relay.Plan(streams=STREAMS, pieces=PIECES, piece_seconds=PIECE_SECONDS, rounds=1, bursts=0)
    own_key, _, alone = chat_relay.compare(plan)
    app, sdk = ([1000 * seconds for seconds in times.spread] for times in (own_key, alone))
    note = f"app p50 {median(app):.0f}, p95 {percentile(app, 95):.0f} ms; "
    note += f"SDK p50 {median(sdk):.0f}, p95 {percentile(sdk, 95):.0f} ms; {len(app)} answers each of "
    note += f"{PIECES * PIECE_SECONDS:.0f} s, {STREAMS / (PIECES * PIECE_SECONDS):.0f} begin each second"
    name = f"first text of an answer, {STREAMS} streams, own key: app minus SDK"
    return [
        Figure(f"{name}, p50", median(app) - median(sdk), "ms", hold=10, note=note),
        Figure(f"{name}, p95", percentile(app, 95) - percentile(sdk, 95), "ms", hold=30),
    ]
