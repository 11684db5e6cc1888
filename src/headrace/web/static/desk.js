// Two comforts over pages that work without them: they stay fresh while work goes on, and single keys move about.
"use strict";
(() => {
  const body = document.body;
  const main = document.getElementById("main");

  // --- fresh: an event says that something happened; the page itself, asked again, says what.
  const lamp = document.getElementById("live");
  const now = document.getElementById("now");
  let timer = 0;

  function show(connected) {
    lamp.hidden = false;
    lamp.textContent = connected ? body.dataset.liveOn : body.dataset.liveOff;
    lamp.classList.toggle("on", connected);
  }

  function inUse(region) {
    const field = region.querySelector("textarea, input:not([type=hidden])");
    return Boolean(field && (field.value || region.contains(document.activeElement)));
  }

  function exchange(region, fresh) {
    if (region.innerHTML === fresh.innerHTML || inUse(region)) return;
    const active = document.activeElement;
    const href = region.contains(active) ? active.getAttribute("href") : null;
    const open = new Set([...region.querySelectorAll("details")].flatMap((each, place) => (each.open ? [place] : [])));
    region.replaceWith(fresh);
    [...fresh.querySelectorAll("details")].forEach((each, place) => { if (open.has(place)) each.open = true; });
    if (href !== null) [...fresh.querySelectorAll("a[href]")].find((each) => each.getAttribute("href") === href)?.focus();
    fresh.classList.add("fresh");
    setTimeout(() => fresh.classList.remove("fresh"), 1600);
  }

  async function refresh() {
    timer = 0;
    if (location.pathname.endsWith("/decision")) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of main.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
      if (fresh) exchange(region, document.adoptNode(fresh));
    }
  }

  function listen() {
    const source = new EventSource(`/events?after=${Number(body.dataset.seq) || 0}`);
    source.onopen = () => show(true);
    source.onerror = () => show(false);
    source.onmessage = (event) => {
      const news = JSON.parse(event.data);
      now.textContent = `${news.subject} ${news.message}`;
      if (!timer) timer = setTimeout(() => refresh().catch(() => show(false)), 400);
    };
    addEventListener("pagehide", () => source.close());
  }
  if ("EventSource" in window && main.querySelector("[data-live]")) listen();
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- keys: they move the focus, so Enter is the browser's own.
  const help = document.getElementById("keys");
  const wanted = document.getElementById("keys-on");
  wanted.closest("label").hidden = false;
  wanted.checked = localStorage.getItem("headrace-keys") !== "off";
  wanted.addEventListener("change", () => localStorage.setItem("headrace-keys", wanted.checked ? "on" : "off"));

  function step(by) {
    const rows = [...main.querySelectorAll("[data-go]")];
    const here = rows.findIndex((each) => each === document.activeElement || each.closest(".row")?.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + by));
    rows[next]?.focus();
    rows[next]?.scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => main.querySelector("[data-key=a]")?.focus(),
    r: () => main.querySelector("[data-key=r]")?.focus(),
    l: () => location.assign("/"),
    c: () => location.assign("/changes"),
    "?": () => { help.open = true; help.querySelector("summary").focus(); },
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !wanted.checked) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
