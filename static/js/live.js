// The one live connection of a page. It says what changed ("live:<kind>", "live:<kind>-<id>" on body; the
// owner of each part then fetches it), and paints text that is being written.
(() => {
  "use strict";

  const WORDS = {
    historical: "Catching up",
    live: "Up to date",
    reconnecting: "Connecting again",
    ended: "Finished",
  };
  // The build monitor's badge; "Live" is said only between caught_up and the first doubt.
  const BADGE = { historical: "Historical", live: "Live", reconnecting: "Reconnecting", ended: "Ended" };
  const HIDDEN_MS = 60000;
  const NEWS_MS = 300;
  const END_PX = 120;

  const page = document.querySelector("main[data-live-url]");
  if (!page) return;

  // The stream tells at least so often that it is there; a connection that died in silence is no "Live".
  const SILENCE_MS = 2.5 * 1000 * (Number(page.dataset.liveBeat) || 15);
  const texts = new Map(); // id → {chunks, text}: all that was written of an answer
  const painted = new WeakMap(); // element → characters that stand in it
  const seen = new Map(); // "message-3" → number of the newest event that told of it
  let last = Number(page.dataset.liveAfter) || 0;
  let source = null;
  let state = "historical";
  let ended = false;
  let failures = 0;
  let timer = 0;
  let hiddenTimer = 0;
  let silenceTimer = 0;
  let newsTimer = 0;
  let followed = null; // the element whose end the reader may be at
  let atEnd = false;
  let wasLost = false;

  const tell = (name) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true }));

  function setState(next) {
    state = next;
    for (const element of document.querySelectorAll("[data-stream-state]")) showState(element);
  }

  function showState(element) {
    if (element.dataset.streamState === state) return;
    element.dataset.streamState = state;
    element.textContent = ("streamBadge" in element.dataset ? BADGE : WORDS)[state];
  }

  function say(words) {
    const region = document.getElementById("announcer");
    if (region) region.textContent = words;
  }

  function announce(seq, data) {
    const [kind, id] = data.split(" ");
    const names = id ? [kind, `${kind}-${id}`] : [kind];
    if (kind === "message" && texts.delete(Number(id))) say("Answer ready");
    for (const name of names) {
      seen.set(name, Math.max(seq, seen.get(name) || 0));
      tell(`live:${name}`);
    }
    seen.set("news", Math.max(seq, seen.get("news") || 0));
    news();
  }

  // "live:news" stands for any number of changes, and comes once more after the last of them.
  function news() {
    newsTimer ||= setTimeout(() => {
      newsTimer = 0;
      tell("live:news");
    }, NEWS_MS);
  }

  function write(frame, whole) {
    const known = texts.get(frame.id) || { chunks: 0, text: "" };
    if (whole) {
      if (frame.chunks < known.chunks) return;
      known.chunks = frame.chunks;
      known.text = frame.text;
    } else if (frame.from === known.chunks) {
      known.chunks = frame.to;
      known.text += frame.text;
    } else {
      if (frame.from > known.chunks) connect(); // a piece is missing: the snapshot has it
      return;
    }
    if (!texts.has(frame.id)) say("Answer is being written");
    texts.set(frame.id, known);
    paint(frame.id);
  }

  function paint(id) {
    const known = texts.get(id);
    const element = document.querySelector(`[data-message-id="${id}"] [data-text]`);
    // The page as rendered may be ahead of what has arrived here so far.
    if (!element || known.chunks < Number(element.dataset.chunks)) return;
    if (!painted.has(element) || painted.get(element) > known.text.length) {
      element.textContent = known.text;
    } else {
      element.append(known.text.slice(painted.get(element)));
    }
    painted.set(element, known.text.length);
  }

  // Who reads at the end of the conversation is kept there while it grows; who looks elsewhere is left alone.
  function isAtEnd() {
    const bottom = followed?.getBoundingClientRect().bottom ?? 0;
    return bottom > 0 && bottom < window.innerHeight + END_PX;
  }

  function scrollToEnd() {
    const over = (followed?.getBoundingClientRect().bottom ?? 0) - window.innerHeight;
    if (over > 0) window.scrollBy({ top: over, behavior: "instant" });
    atEnd = true;
  }

  const growth = new ResizeObserver(() => (atEnd ? scrollToEnd() : (atEnd = isAtEnd())));

  function follow(element) {
    if (!element || element === followed) return;
    growth.disconnect();
    followed = element;
    growth.observe(element);
  }

  function connect() {
    disconnect();
    ended = false;
    if (state !== "reconnecting") setState("historical");
    let live = false;
    const missed = new Map(); // each change is announced once
    const stream = (source = new EventSource(`${page.dataset.liveUrl}?after=${last}`));
    stream.onopen = () => {
      setState("historical");
      alive();
    };
    stream.addEventListener("beat", alive);
    stream.onmessage = (event) => {
      alive();
      last = Number(event.lastEventId);
      if (live) announce(last, event.data);
      else missed.set(event.data, last);
    };
    stream.addEventListener("caught_up", (event) => {
      live = true;
      failures = 0;
      alive();
      if (event.data !== "final") setState("live");
      if (wasLost) say("Connected again");
      wasLost = false;
      missed.forEach((seq, data) => announce(seq, data));
    });
    stream.addEventListener("text", (event) => {
      alive();
      write(JSON.parse(event.data), false);
    });
    stream.addEventListener("snapshot", (event) => write(JSON.parse(event.data), true));
    stream.addEventListener("complete", () => {
      disconnect(); // without this the browser would connect again for ever
      ended = true;
      setState("ended");
    });
    stream.onerror = () => {
      const refused = stream.readyState === EventSource.CLOSED;
      lose();
      // Logged out? Then the answer to this sends the page to the login.
      if (refused && window.htmx) window.htmx.ajax("GET", location.href, { swap: "none" });
    };
  }

  // Exponential, with jitter: pages that lost one server do not come back in one crowd.
  function lose() {
    disconnect();
    if (!wasLost && state === "live") say("Connection lost. Connecting again.");
    wasLost ||= state === "live";
    setState("reconnecting");
    const wait = Math.max(1, Math.min(30, 2 ** failures++) * (0.8 + 0.4 * Math.random()));
    timer = setTimeout(connect, wait * 1000);
  }

  function alive() {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(lose, SILENCE_MS);
  }

  function disconnect() {
    clearTimeout(timer);
    clearTimeout(silenceTimer);
    if (source) source.close();
    source = null;
  }

  function leave() {
    disconnect();
    if (!ended) setState("historical");
  }

  function resume() {
    clearTimeout(hiddenTimer);
    hiddenTimer = 0;
    if (!source && !ended) connect();
  }

  // What came before its element: a change is told again, text is painted.
  function arrive(root) {
    if (!(root instanceof Element)) return;
    const behind = new Set();
    for (const element of [root, ...root.querySelectorAll("[data-live]")]) {
      for (const name of (element.dataset.live || "").split(" ")) {
        if ((seen.get(name) || 0) > Number(element.dataset.liveAfter)) behind.add(name);
      }
    }
    for (const element of document.querySelectorAll("[data-stream-state]")) showState(element);
    follow(document.querySelector("[data-follow]"));
    for (const id of texts.keys()) paint(id);
    behind.forEach((name) => (name === "news" ? news() : tell(`live:${name}`)));
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) resume();
    else hiddenTimer = setTimeout(leave, HIDDEN_MS);
  });
  window.addEventListener("scroll", () => (atEnd = isAtEnd()), { passive: true });
  document.body.addEventListener("chat:sent", scrollToEnd);
  window.addEventListener("online", resume);
  window.addEventListener("pageshow", resume);
  window.addEventListener("offline", () => !ended && lose());
  window.addEventListener("pagehide", leave);
  document.body.addEventListener("live:open", () => {
    ended = false;
    resume();
  });
  document.body.addEventListener("htmx:load", (event) => arrive(event.detail.elt));
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of texts.keys()) paint(id);
  });

  follow(document.querySelector("[data-follow]"));
  connect();
})();
