/* CONTROL/MONITORING: the selection of rows. A row stays selected while rows come and go and pages change; Shift
   selects a range. Without this script the form sends the checkboxes of the current page. */
"use strict";

(() => {
  const live = document.getElementById("live");
  const act = document.getElementById("act");
  const said = document.getElementById("picked");
  const selected = new Set();
  let last = null;

  const boxes = () => [...live.querySelectorAll("input[name=pick]")];

  function tell() {
    const text = selected.size ? `${selected.size} selected` : "nothing selected";
    if (said.textContent !== text) said.textContent = text;
  }

  function select(box, isSelected) {
    box.checked = isSelected;
    if (isSelected) selected.add(box.value);
    else selected.delete(box.value);
  }

  function renew() {
    for (const box of boxes()) box.checked = selected.has(box.value);
    tell();
  }

  live.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=pick]");
    if (!box) return;
    const all = boxes();
    const ends = [all.findIndex((other) => other.value === last), all.indexOf(box)];
    if (event.shiftKey && ends[0] >= 0) {
      for (const other of all.slice(Math.min(...ends), Math.max(...ends) + 1)) select(other, box.checked);
    }
    select(box, box.checked);
    last = box.value;
    tell();
  });

  live.addEventListener("renewed", renew);
  document.getElementById("none").addEventListener("click", () => { selected.clear(); renew(); });

  act.addEventListener("submit", () => {
    act.elements.back.value = location.search.slice(1);
    act.elements.more.value = [...selected].join(" ");
  });

  document.querySelectorAll(".needs-script").forEach((element) => { element.hidden = false; });
  for (const box of boxes()) if (box.checked) selected.add(box.value);
  tell();
})();
