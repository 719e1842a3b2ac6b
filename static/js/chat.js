// The message box: Enter sends, a sent text leaves the box.
(() => {
  "use strict";

  const touch = window.matchMedia("(hover: none)");
  let sent = "";

  const box = () => document.getElementById("composer-text");

  document.addEventListener("keydown", (event) => {
    const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    // On a phone there is no Shift+Enter: there the button sends.
    if (!enter || touch.matches || event.target.id !== "composer-text") return;
    event.preventDefault();
    const button = event.target.form.querySelector("button");
    if (!button.disabled) event.target.form.requestSubmit();
  });

  // Not earlier: a second request that htmx drops sends nothing.
  document.body.addEventListener("htmx:beforeSend", (event) => {
    if (event.target.id === "composer-form") sent = box().value;
  });

  document.body.addEventListener("chat:sent", () => {
    const area = box();
    // What was typed while the message was on its way stays.
    if (area && area.value === sent) {
      area.value = "";
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
