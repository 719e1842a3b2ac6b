// The build monitor between two fetches: the clock goes on, and the bar never goes back.
(() => {
  "use strict";

  const best = new Map(); // run → the most that its bar has shown
  let base = 0;
  let shown = null;

  function words(seconds) {
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }

  function arrive() {
    const bar = document.querySelector("progress[data-run]");
    if (bar) {
      // Answers may overtake each other.
      bar.value = Math.max(bar.value, best.get(bar.dataset.run) || 0);
      best.set(bar.dataset.run, bar.value);
    }
    const clock = document.querySelector("[data-elapsed]");
    if (clock !== shown) {
      shown = clock;
      base = performance.now();
    }
  }

  setInterval(() => {
    if (!shown?.isConnected || !("ticks" in shown.dataset)) return;
    shown.textContent = words(Number(shown.dataset.elapsed) + Math.floor((performance.now() - base) / 1000));
  }, 1000);

  document.body.addEventListener("htmx:load", arrive);
  arrive();
})();
