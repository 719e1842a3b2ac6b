// What the pages do beyond forms and links: questions, notices, focus, small keys. Pages work without it.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const SENT_MS = 5000; // no longer: where no answer comes the button must work again
  const FAILED = "That did not work. Nothing was lost. Please try again.";
  const FAST = "A little too fast. Please wait a few minutes. Nothing was lost.";
  const LARGE = "That is too much at once. Nothing was changed. Make it shorter, then send it again.";
  const SLOW = "That took too long. Nothing was lost. Please try again.";
  const AWAY = "The site cannot be reached just now. Nothing was lost. Please try again.";

  // --- notices: error toasts stay until they are closed ---------------------------------------------------

  function toast(words) {
    const box = $("#toasts");
    if (!box || [...box.querySelectorAll("p")].some((p) => p.textContent === words)) return;
    const note = document.createElement("div");
    note.className = "toast";
    note.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = words;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => note.remove());
    note.append(text, close);
    box.append(note);
  }

  function announce(words) {
    const region = $("#announcer");
    if (region) region.textContent = words;
  }

  // A part that fetches itself in the background fails silently: the next try follows by itself.
  function byPerson(event) {
    const type = event.detail?.requestConfig?.triggeringEvent?.type ?? "";
    return ["click", "submit", "change", "keydown"].includes(type);
  }

  document.addEventListener("htmx:responseError", (event) => {
    if (!byPerson(event)) return;
    const { xhr } = event.detail;
    // Where the page has a place for it, the answer itself says when to go on.
    if (xhr.status === 429 && xhr.getResponseHeader("HX-Retarget")) return;
    toast(xhr.status === 429 ? FAST : xhr.status === 413 ? LARGE : FAILED);
  });
  document.addEventListener("htmx:sendError", (event) => byPerson(event) && toast(AWAY));
  document.addEventListener("htmx:timeout", (event) => byPerson(event) && toast(SLOW));

  // --- a late part that does not come: its place says so, and offers another try ---------------------------

  for (const name of ["responseError", "sendError", "timeout"])
    document.addEventListener(`htmx:${name}`, (event) => {
      const part = event.detail.elt;
      const skeleton = part && $(":scope > .skeleton", part);
      if (!skeleton) return;
      const note = document.createElement("div");
      note.className = "notice notice-wait";
      note.setAttribute("role", "alert");
      const text = document.createElement("p");
      text.textContent = "This part could not be loaded. Nothing was lost.";
      const again = document.createElement("button");
      again.type = "button";
      again.className = "button button-small";
      again.textContent = "Try again";
      again.addEventListener("click", () => {
        note.replaceWith(skeleton);
        window.htmx.ajax("GET", part.getAttribute("hx-get"), { source: part, target: part, swap: "innerHTML" });
      });
      note.append(text, again);
      skeleton.replaceWith(note);
    });

  // --- questions: our dialog instead of the browser's -------------------------------------------------------

  function ask(question, yes, then) {
    const dialog = $("#confirm");
    $("#confirm-question").textContent = question;
    $("#confirm-yes").textContent = yes || "Yes";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && then(), { once: true });
    dialog.showModal();
  }

  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, event.target.dataset.confirmYes, () => event.detail.issueRequest(true));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    ask(form.dataset.confirm, form.dataset.confirmYes, () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
    });
  });

  // --- a form is sent once, however often its button is pressed ----------------------------------------------

  let sentAt = new WeakMap(); // form → when it was sent
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Not prevented so far: htmx has a guard of its own, and a question was answered.
    if (event.defaultPrevented || form.method !== "post") return;
    if (performance.now() - (sentAt.get(form) ?? -SENT_MS) < SENT_MS) event.preventDefault();
    else sentAt.set(form, performance.now());
  });
  // Who comes back to the page may send it again at once.
  window.addEventListener("pageshow", () => (sentAt = new WeakMap()));

  // --- a long text that is saved by a button alone is not left by mistake --------------------------------------

  window.addEventListener("beforeunload", (event) => {
    const form = $("form[data-guard]");
    if (!form || sentAt.has(form)) return;
    const typed = [...form.querySelectorAll("textarea, input[name=title]")];
    if (form.dataset.guard || typed.some((field) => field.value !== field.defaultValue)) event.preventDefault();
  });

  // --- focus and fields in use -------------------------------------------------------------------------------

  function inUse(target) {
    const active = document.activeElement;
    const typing = active && active.matches("input:not([type=hidden]), textarea, select") && target.contains(active);
    const changed = [...target.querySelectorAll("form input:not([type=hidden]), form textarea")].some(
      (field) => field.value !== field.defaultValue,
    );
    return typing || changed;
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (byPerson(event) || !event.detail.target || !event.detail.shouldSwap) return;
    // A nudge never replaces a field in use, nor what a person has typed and not sent.
    if (event.detail.target !== document.body && !event.detail.requestConfig?.elt?.matches?.("[hx-trigger='load']") && inUse(event.detail.target)) {
      event.detail.shouldSwap = false;
      return;
    }
    keepFolds(event.detail.target);
    const active = document.activeElement;
    if (event.detail.target.contains(active)) focused = { part: event.detail.target.id, key: keyOf(active) };
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    restoreFolds(part);
    if (!byPerson(event)) {
      // What a person must decide is said once, where the eye may not be.
      const heading = part.id === "gate" && $("[data-focus]", part)?.textContent;
      if (heading && heading !== announced) announce((announced = heading));
      keepFocus(part);
    }
  });

  // At once and not after the settling: a nudge may fetch the part again in between, and then keeps this focus.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!byPerson(event)) return;
    const part = event.detail.elt;
    if (event.detail.requestConfig.elt.matches("[data-to-talk]")) {
      part.scrollIntoView({ block: "center" });
      return;
    }
    const place = part.matches("[data-focus]") ? part : $("[data-focus]", part);
    if (place) place.focus({ preventScroll: isVisible(place) });
  });

  // A part that is fetched again keeps the focus on the same heading, button or link.
  let focused = null;
  function keyOf(element) {
    if (element.matches("[data-focus]")) return "heading";
    return [element.tagName, element.form?.action ?? element.href ?? "", element.textContent.trim()].join(" ");
  }
  function keepFocus(part) {
    if (focused?.part !== part.id) return; // another part was fetched at the same time
    const { key } = focused;
    focused = null;
    if (document.activeElement !== document.body) return;
    const same = [...part.querySelectorAll("[data-focus], button, a, summary")].find((it) => keyOf(it) === key);
    if (same) same.focus({ preventScroll: true });
  }

  let announced = $("#gate [data-focus]")?.textContent ?? "";

  function isVisible(element) {
    const box = element.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
  }

  // Folds stay as the person left them when their part is fetched again.
  const folds = new Map();
  function keepFolds(target) {
    for (const fold of target.querySelectorAll("details[data-fold]")) folds.set(fold.dataset.fold, fold.open);
  }
  function restoreFolds(root) {
    for (const fold of root.querySelectorAll?.("details[data-fold]") ?? [])
      if (folds.has(fold.dataset.fold)) fold.open = folds.get(fold.dataset.fold);
  }

  // --- the browser's tab: whose turn it is --------------------------------------------------------------------

  const tabIcon = $("link[rel=icon]");
  let tabWords = $("[data-tab-words]")?.dataset.tabWords ?? "";
  document.addEventListener("htmx:afterSettle", () => {
    const words = $("[data-tab-words]")?.dataset.tabWords ?? "";
    if (words === tabWords) return;
    document.title = words + (document.title.startsWith(tabWords) ? document.title.slice(tabWords.length) : document.title);
    tabIcon.href = words ? tabIcon.dataset.turn : tabIcon.dataset.plain;
    tabWords = words;
  });

  // --- keys ----------------------------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const rename = event.target.closest?.("[data-rename]");
    if (rename && event.key === "Escape") {
      event.preventDefault();
      rename.reset();
      const fold = rename.closest("details");
      fold.open = false;
      $("summary", fold).focus();
    }
  });

  document.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches?.(".rename-fold") || !event.target.open) return;
      const field = $("input[name=title]", event.target);
      field.focus();
      field.select();
    },
    true,
  );

  // --- the composer: begin with an idea -----------------------------------------------------------------

  document.addEventListener("htmx:load", (event) => {
    const box = $(".composer textarea", event.detail.elt);
    const starter = $("[data-starter]");
    if (box && starter && !box.value) {
      box.value = starter.dataset.starter;
      starter.hidden = true;
      // Tells the draft keeper; a reload without the idea in the address shows the text all the same.
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  document.addEventListener("click", (event) => {
    const discuss = event.target.closest?.("[data-discuss]");
    const box = discuss && $(".composer textarea");
    if (box) {
      event.preventDefault();
      box.focus();
      box.scrollIntoView({ block: "center" });
    }
    const copy = event.target.closest?.("[data-copy]");
    if (copy) {
      const code = $(`${copy.dataset.copy} td.code pre`) ?? $(`${copy.dataset.copy} pre`);
      // Without HTTPS browsers offer no clipboard at all.
      (navigator.clipboard?.writeText(code.textContent) ?? Promise.reject()).then(
        () => {
          const word = document.createElement("span");
          word.className = "small muted";
          word.textContent = "Copied";
          copy.parentElement.append(word); // last: no other button moves
          setTimeout(() => word.remove(), 4000);
          announce("Copied");
        },
        () => {
          const fold = code.closest("details");
          if (fold) fold.open = true;
          getSelection().selectAllChildren(code);
          toast("Copying is not allowed here. The text is marked: copy it by hand.");
        },
      );
    }
  });

  // A link to a folded part unfolds it.
  document.addEventListener("click", (event) => {
    const name = event.target.closest?.('a[href^="#"]')?.getAttribute("href").slice(1);
    const fold = name && document.getElementById(name)?.querySelector(":scope > details");
    if (fold) fold.open = true;
  });

  // On a phone the file list starts folded: the code comes first.
  if (matchMedia("(width < 60rem)").matches)
    for (const fold of document.querySelectorAll("details[data-fold-wide]")) fold.open = false;
})();
