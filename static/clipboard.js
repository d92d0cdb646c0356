/* CONTROL/MONITORING: the COPY button, which puts a text of the server on the clipboard. Hidden where the browser
   has no clipboard to write to. */
"use strict";

(() => {
  const live = document.getElementById("live");
  const reveal = () => live.querySelectorAll(".js-copy").forEach((button) => { button.hidden = !navigator.clipboard; });

  live.addEventListener("click", async (event) => {
    const button = event.target.closest(".js-copy");
    if (!button) return;
    try {
      const answer = await fetch(button.dataset.from, { credentials: "same-origin" });
      await navigator.clipboard.writeText(await answer.text());
      button.textContent = "COPIED";
    } catch {
      button.textContent = "NOT COPIED: open the full text instead";
    }
  });
  live.addEventListener("renewed", reveal);
  reveal();
})();
