/* CONTROL/MONITORING by keyboard, as other operators' tools have it. `?` shows the keys; they can be turned off
   there, for who speaks to the computer. Never while something is typed. */
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
  const press = (value) => document.querySelector(`button[form=act][value="${value}"]`)?.click();

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
    d: () => press("DRAIN"),
    e: () => press("READY"),
    m: () => press("MAINTENANCE"),
    r: () => watch.requestSubmit(),
    p: () => watch.elements.auto_update.click(),
    g: () => { prefix = "g"; },
    "?": () => help.showModal(),
  };
  const GO = { s: "/control", v: "/virtual", h: "/history" };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    const isTyping = target.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.key === "Escape" && isTyping && watch.contains(target)) target.blur();
    if (isTyping || (!isOn.checked && event.key !== "?")) return;
    const went = prefix === "g" ? GO[event.key] : undefined;
    const act = went ? () => location.assign(document.querySelector(`a[href$="${went}"]`).href) : KEYS[event.key];
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
