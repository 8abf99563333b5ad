// What was typed survives a broken line and a sign-in that ended: it stays in this tab until the service has taken it.
"use strict";
(() => {
  const PREFIX = "typed:";
  const key = (form) => PREFIX + new URL(form.action, location.href).pathname;
  const fields = (form) => [...form.elements].filter((one) => one.name && !["hidden", "file", "submit", "button", "password"].includes(one.type) && one.autocomplete !== "one-time-code");
  const read = (one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value);
  const name = (one) => (["checkbox", "radio"].includes(one.type) ? `${one.name}=${one.value}` : one.name);
  const forget = (which) => Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX) && which(one)).forEach((one) => sessionStorage.removeItem(one));
  const kept = (form) => { try { return JSON.parse(sessionStorage.getItem(key(form)) || "null"); } catch { return null; } };

  // Taken: a sentence says so. On the page of the sign-in without a word of waiting, nothing of before is kept.
  if (document.querySelector(".note.done[role=status]")) forget((one) => (JSON.parse(sessionStorage.getItem(one)) || {}).sent);

  for (const form of document.querySelectorAll("form[data-keep]")) {
    const before = kept(form);
    const refused = form.querySelector(".faulty");
    if (before && !refused) {
      for (const one of fields(form)) {
        if (!(name(one) in before.values)) continue;
        if (["checkbox", "radio"].includes(one.type)) one.checked = before.values[name(one)];
        else one.value = before.values[name(one)];
        one.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    const save = (sent) => sessionStorage.setItem(key(form), JSON.stringify({ sent, values: Object.fromEntries(fields(form).map((one) => [name(one), read(one)])) }));
    form.addEventListener("input", () => save(false));
    form.addEventListener("submit", () => save(navigator.onLine !== false));
  }

  // Without a line nothing is sent: said on the page, which a browser would take away to say so.
  const tell = () => {
    if (document.getElementById("offline")) return;
    const said = document.createElement("p");
    said.id = "offline";
    said.className = "note wait";
    said.setAttribute("role", "alert");
    said.textContent = document.body.dataset.offline;
    document.getElementById("main").prepend(said);
    scrollTo(0, 0);
  };
  addEventListener("online", () => document.getElementById("offline")?.remove());

  // Pressed once is enough; what the service gets twice it does once anyway.
  document.addEventListener("submit", (event) => {
    if (navigator.onLine === false) { event.preventDefault(); tell(); return; }
    const buttons = event.target.querySelectorAll("button");
    setTimeout(() => buttons.forEach((one) => { one.disabled = true; }));
    setTimeout(() => buttons.forEach((one) => { one.disabled = false; }), 8000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("button[disabled]").forEach((one) => { one.disabled = false; }); });
  if (location.pathname.endsWith("/sign-in") && !document.querySelector(".note.wait")) forget(() => true);
})();
