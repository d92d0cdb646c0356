/* CONTROL/MONITORING: which rows are chosen. What is chosen stays chosen while rows come and go and pages are
   turned; Shift chooses all between two. Without this the boxes of one page are sent as they are. */
"use strict";

(() => {
  const live = document.getElementById("live");
  const act = document.getElementById("act");
  const said = document.getElementById("picked");
  const chosen = new Set();
  let last = null;

  const boxes = () => [...live.querySelectorAll("input[name=pick]")];

  function tell() {
    const text = chosen.size ? `${chosen.size} chosen` : "nothing chosen";
    if (said.textContent !== text) said.textContent = text;
  }

  function choose(box, isChosen) {
    box.checked = isChosen;
    if (isChosen) chosen.add(box.value);
    else chosen.delete(box.value);
  }

  function renew() {
    for (const box of boxes()) box.checked = chosen.has(box.value);
    tell();
  }

  live.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=pick]");
    if (!box) return;
    const all = boxes();
    const ends = [all.findIndex((one) => one.value === last), all.indexOf(box)];
    if (event.shiftKey && ends[0] >= 0) {
      for (const one of all.slice(Math.min(...ends), Math.max(...ends) + 1)) choose(one, box.checked);
    }
    choose(box, box.checked);
    last = box.value;
    tell();
  });

  live.addEventListener("renewed", renew);
  document.getElementById("none").addEventListener("click", () => { chosen.clear(); renew(); });

  act.addEventListener("submit", () => {
    act.elements.back.value = location.search.slice(1);
    act.elements.more.value = [...chosen].join(" ");
  });

  live.addEventListener("click", async (event) => {
    const button = event.target.closest(".js-copy");
    if (!button) return;
    try {
      const answer = await fetch(button.dataset.from, { credentials: "same-origin" });
      await navigator.clipboard.writeText(await answer.text());
      button.textContent = "COPIED";
    } catch {
      button.textContent = "NOT COPIED: open it as a text instead";
    }
  });
  const reveal = () => live.querySelectorAll(".js-copy").forEach((button) => { button.hidden = !navigator.clipboard; });
  live.addEventListener("renewed", reveal);
  reveal();
  document.querySelectorAll(".needs-script").forEach((element) => { element.hidden = false; });
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  tell();
})();
