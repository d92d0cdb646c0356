/* CONTROL/MONITORING without reloading: fetches the part of the page that changes and updates in place only what
   differs. The selection, the focus and the scroll position are kept, no row moves under the pointer, and old data
   is marked as stale. Links within the page are followed the same way. */
"use strict";

(() => {
  const HIDDEN_INTERVAL_S = 30;
  const ANSWER_WITHIN_MS = 5000;
  const STALE_AFTER_INTERVALS = 3;
  const TYPING_PAUSE_MS = 250;
  const POINTED_FOR_MS = 8000;
  const FLASH_MS = 1000;

  const live = document.getElementById("live");
  const says = document.getElementById("live-says");
  const watch = document.getElementById("watch");
  const age = document.getElementById("age");
  const box = { auto: watch.elements.auto_update, rate: watch.elements.rate, filter: watch.elements.filter };

  let timer = 0;
  let asking = null;
  let failure = "";
  let signedOut = false;
  let waiting = null;
  let isAsked = false;
  let pointedAt = -Infinity;
  let dataAge = readAge(document);
  let dataAt = Date.now();

  function readAge(root) {
    const text = root.querySelector("#routing-table")?.dataset.age;
    return text === undefined ? null : Number(text);
  }

  /* What somebody is doing inside the changing part, which an update would disturb. */
  function inUse() {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) {
      const range = selection.getRangeAt(0);
      if (!watch.contains(range.commonAncestorContainer) && range.intersectsNode(live)) return "text is selected";
    }
    const focused = document.activeElement;
    const isField = focused.matches("input:not([name=pick]), select, textarea");
    if (live.contains(focused) && !watch.contains(focused) && isField) {
      return "a field is in use";
    }
    return "";
  }

  /* Somebody may be about to click on a row: its numbers may change, its position may not. */
  function isPointed() {
    return Date.now() - pointedAt < POINTED_FOR_MS && document.querySelector("#rows:hover") !== null;
  }

  function keyOf(node) {
    return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key ?? node.id : "";
  }

  function isSameKind(from, to) {
    return from.nodeType === to.nodeType && from.nodeName === to.nodeName && keyOf(from) === keyOf(to);
  }

  function alterAttributes(from, to) {
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  function alter(from, to) {
    if (from.nodeType === Node.TEXT_NODE) {
      if (from.nodeValue === to.nodeValue) return;
      from.nodeValue = to.nodeValue;
      const cell = from.parentElement.closest("td.number");
      if (cell && !isAsked) {
        cell.classList.add("has-changed");
        setTimeout(() => cell.classList.remove("has-changed"), FLASH_MS);
      }
      return;
    }
    if (from.nodeType !== Node.ELEMENT_NODE || from.hasAttribute("data-keep")) return;
    alterAttributes(from, to);
    alterChildren(from, to);
  }

  function alterChildren(from, to) {
    const keyed = new Map();
    for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
    const stays = new Set([...to.childNodes].map(keyOf).filter(Boolean));
    let here = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      const key = keyOf(wanted);
      let found = key ? keyed.get(key) : here;
      if (found && !isSameKind(found, wanted)) found = null;
      // Remove what goes before moving what stays past it: an element that is moved loses the focus.
      while (key && found && here !== found && here && !stays.has(keyOf(here))) {
        const next = here.nextSibling;
        here.remove();
        here = next;
      }
      if (!found) {
        from.insertBefore(document.importNode(wanted, true), here);
        continue;
      }
      if (found === here) here = here.nextSibling;
      else from.insertBefore(found, here);
      alter(found, wanted);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  }

  function rowsOf(root) {
    return new Map([...root.querySelectorAll("#rows tr[data-key]")].map(
      (row) => [`${row.parentElement.dataset.key} ${row.dataset.key}`, row]));
  }

  function show(fresh, at) {
    const here = rowsOf(live);
    const there = rowsOf(fresh);
    const moves = [...here.keys()].join("\n") !== [...there.keys()].join("\n");
    if (moves && isPointed() && !isAsked) {
      for (const [key, row] of here) if (there.has(key)) alter(row, there.get(key));
    } else {
      waiting = null;
      alterChildren(live, fresh);
      isAsked = false;
      box.filter.setAttribute("aria-invalid", live.querySelector("#filter-says .error") !== null);
    }
    dataAge = readAge(fresh);
    dataAt = at;
    live.dispatchEvent(new CustomEvent("renewed"));
  }

  function showWaiting() {
    if (waiting && (isAsked || !inUse())) show(waiting.fresh, waiting.at);
  }

  async function update() {
    clearTimeout(timer);
    if (signedOut) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    const limit = setTimeout(() => mine.abort(), ANSWER_WITHIN_MS);
    try {
      const answer = await fetch(live.dataset.source + location.search, {
        signal: mine.signal, redirect: "manual", cache: "no-store", credentials: "same-origin",
      });
      signedOut = answer.type === "opaqueredirect" || answer.status === 401;
      failure = answer.ok ? "" : `the server answered ${answer.status}`;
      const html = answer.ok ? await answer.text() : "";
      if (mine === asking && html) {
        waiting = { fresh: new DOMParser().parseFromString(html, "text/html").body, at: Date.now() };
        showWaiting();
      }
    } catch {
      if (mine === asking) failure = "the server does not answer";
    } finally {
      clearTimeout(limit);
    }
    if (mine !== asking) return;
    asking = null;
    tell();
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!box.auto.checked || signedOut) return;
    const interval_s = document.hidden ? Math.max(HIDDEN_INTERVAL_S, rate_s()) : rate_s();
    timer = setTimeout(update, interval_s * 1000);
  }

  function rate_s() {
    return Number(box.rate.value);
  }

  /* Shows the age of the data. The live region changes only with the state, not every second. */
  function tell() {
    const known = dataAge !== null;
    const seconds = known ? dataAge + Math.max(0, Date.now() - dataAt) / 1000 : 0;
    const isStale = known && (failure !== "" || signedOut || seconds > STALE_AFTER_INTERVALS * rate_s());
    const use = waiting ? inUse() || "the pointer is on the table" : "";
    live.classList.toggle("is-stale", isStale);
    let text = known ? `updated ${Math.round(seconds)} s ago` : "no data";
    if (isStale) text = `stale: ${text}`;
    if (use) text += `, waiting while ${use}`;
    else if (!box.auto.checked) text += ", paused";
    if (age.textContent !== text) age.textContent = text;
    speak();
  }

  function speak() {
    const text = signedOut ? "You are signed out: this data is old. " : failure ? `No new data: ${failure}.` : "";
    if (says.dataset.text === text) return;
    says.dataset.text = text;
    says.textContent = text;
    if (signedOut) {
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = "Sign in";
      says.append(link);
    }
  }

  /* Keeps the options in the address, so that a reload and a shared link show the same. */
  function keepChoices() {
    const choices = new URLSearchParams(location.search);
    for (const { name } of [box.auto, box.rate, box.filter]) choices.delete(name);
    if (box.auto.checked) choices.set(box.auto.name, "1");
    choices.set(box.rate.name, box.rate.value);
    if (box.filter.value !== shownFilter) choices.delete("page");
    if (box.filter.value) choices.set(box.filter.name, box.filter.value);
    shownFilter = box.filter.value;
    history.replaceState(null, "", `${location.pathname}?${choices}`);
  }

  /* Takes the options from the address, after a link was followed or the browser went back. */
  function takeChoices() {
    const choices = new URLSearchParams(location.search);
    shownFilter = box.filter.value = choices.get("filter") ?? "";
  }

  function follow(event) {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || signedOut || link.origin !== location.origin || link.pathname !== location.pathname) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    takeChoices();
    keepChoices();
    ask();
  }

  function ask() {
    isAsked = true;
    update();
  }

  let typing = 0;
  let shownFilter = box.filter.value;
  watch.addEventListener("submit", (event) => { event.preventDefault(); keepChoices(); ask(); });
  box.auto.addEventListener("change", () => { keepChoices(); update(); });
  box.rate.addEventListener("change", () => { keepChoices(); update(); });
  live.addEventListener("click", follow);
  live.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") pointedAt = Date.now(); });
  addEventListener("popstate", () => { takeChoices(); ask(); });
  box.filter.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => { keepChoices(); ask(); }, TYPING_PAUSE_MS);
  });
  document.addEventListener("selectionchange", showWaiting);
  document.addEventListener("visibilitychange", () => (document.hidden ? schedule() : update()));
  setInterval(() => { showWaiting(); tell(); }, 500);
  tell();
  schedule();
})();
