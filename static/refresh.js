/* A part of a page that is fetched again at intervals: the page and its fragment route render the same partial. A
   selection or focus inside it is never lost, and opened details stay open. */
"use strict";

(() => {
  const HIDDEN_EVERY_S = 60;
  const ANSWER_WITHIN_MS = 8000;

  const part = document.getElementById("part");
  const says = document.getElementById("part-says");
  const choice = document.getElementById("auto-update");
  const auto = choice.querySelector("input");
  let timer = 0;

  function isInUse() {
    const selection = document.getSelection();
    const isSelected = selection && !selection.isCollapsed && selection.getRangeAt(0).intersectsNode(part);
    return isSelected || part.contains(document.activeElement);
  }

  function show(html) {
    const open = new Set([...part.querySelectorAll("details[open]")].map((details) => details.id));
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    for (const details of fresh.querySelectorAll("details")) details.open ||= open.has(details.id);
    part.replaceChildren(...fresh.childNodes);
  }

  function say(text) {
    if (says.textContent !== text) says.textContent = text;
  }

  async function update() {
    if (!isInUse()) {
      try {
        const answer = await fetch(part.dataset.source, {
          redirect: "manual", cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        if (answer.ok && !isInUse()) show(await answer.text());
        const signedOut = answer.type === "opaqueredirect" || answer.status === 401;
        say(answer.ok ? "" : signedOut ? "You are signed out: this data is old. Reload the page to sign in."
          : `No new data: the server answered ${answer.status}.`);
        if (signedOut) return;
      } catch {
        say("No new data: the server does not answer.");
      }
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    const every_s = Number(part.dataset.every);
    if (auto.checked) timer = setTimeout(update, 1000 * (document.hidden ? Math.max(every_s, HIDDEN_EVERY_S) : every_s));
  }

  choice.hidden = false;
  auto.addEventListener("change", () => (auto.checked ? update() : schedule()));
  document.addEventListener("visibilitychange", schedule);
  schedule();
})();
