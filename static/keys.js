/* Keyboard shortcuts of CONTROL/MONITORING. `?` lists them and can disable them, for people who use voice input.
   They never act while somebody is typing. A button or link with data-shortcut is found by its key. */
"use strict";

(() => {
  const OFF = "palometa-keys-off";
  const live = document.getElementById("live");
  const watch = document.getElementById("watch");
  const help = document.getElementById("keys");
  const isOn = document.getElementById("keys-on");
  let prefix = "";

  const rows = () => [...live.querySelectorAll("#rows tr[data-key]")];
  const here = () => document.activeElement.closest?.("#rows tr[data-key]") ?? null;

  function move(by) {
    const all = rows();
    const at = all.indexOf(here());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next]?.focus();
  }

  function choose(event) {
    const box = here()?.querySelector("input[name=pick]");
    box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  }

  const KEYS = {
    "/": () => watch.elements.filter.select(),
    j: () => move(1),
    k: () => move(-1),
    x: choose,
    X: choose,
    o: () => here()?.querySelector("a.toggle")?.click(),
    r: () => watch.requestSubmit(),
    p: () => watch.elements.auto_update.click(),
    g: () => { prefix = "g"; },
    "?": () => help.showModal(),
  };

  /* What a key does: one of KEYS, or the button or link of the page that names it. */
  function actionOf(keys) {
    const found = document.querySelector(`[data-shortcut="${CSS.escape(keys)}"]`);
    if (found instanceof HTMLAnchorElement) return () => location.assign(found.href);
    return found ? () => found.click() : KEYS[keys];
  }

  document.addEventListener("keydown", (event) => {
    const focused = event.target;
    const isTyping = focused.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape" && isTyping && watch.contains(focused)) focused.blur();
    if (isTyping || (!isOn.checked && event.key !== "?")) return;
    const act = (prefix && actionOf(`${prefix} ${event.key}`)) || actionOf(event.key);
    prefix = "";
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  isOn.checked = localStorage.getItem(OFF) === null;
  isOn.addEventListener("change", () => {
    if (isOn.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
  document.getElementById("show-keys").addEventListener("click", () => help.showModal());
})();
