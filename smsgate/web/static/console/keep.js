// What was typed survives a broken line and a sign-in that ended. It stays in this tab until the service has taken it,
// belongs to one thing in one version, and is offered again: never shown as if it were saved.
"use strict";
(() => {
  const PREFIX = "typed:";
  const said = document.body.dataset;
  const answered = said.answers === "POST"; // the forms on this page say what was just typed
  const key = (form) => [PREFIX + new URL(form.action, location.href).pathname, form.elements.seen?.value, form.dataset.keep].join("|");
  const fields = (form) => [...form.elements].filter((one) => one.name && !["hidden", "file", "submit", "button", "password"].includes(one.type) && one.autocomplete !== "one-time-code");
  const ticked = (one) => ["checkbox", "radio"].includes(one.type);
  const read = (one) => (ticked(one) ? one.checked : one.value);
  const name = (one) => (ticked(one) ? `${one.name}=${one.value}` : one.name);
  const values = (form) => Object.fromEntries(fields(form).map((one) => [name(one), read(one)]));
  const entries = () => Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX));
  const entry = (at) => { try { return JSON.parse(sessionStorage.getItem(at)) || {}; } catch { return {}; } };
  const save = (form) => sessionStorage.setItem(key(form), JSON.stringify({ once: form.elements.once?.value, at: Date.now(), by: said.me, values: values(form) }));
  const forget = (which) => entries().filter(which).forEach((one) => sessionStorage.removeItem(one));
  const kept = [...document.querySelectorAll("form[data-keep]")];

  forget((one) => said.taken && entry(one).once === said.taken); // the service has it
  forget((one) => said.me && (entry(one).by || said.me) !== said.me); // typed by whoever was signed in here before

  const element = (tag, text, look = "") => Object.assign(document.createElement(tag), { textContent: text, className: look });
  const offer = (form, before) => {
    const time = new Date(before.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const note = element("div", "", "note wait offer");
    const restore = element("button", said.restore), discard = element("button", said.discard, "quiet");
    note.setAttribute("role", "status");
    restore.type = discard.type = "button";
    restore.addEventListener("click", () => {
      for (const one of fields(form).filter((field) => name(field) in before.values)) {
        one[ticked(one) ? "checked" : "value"] = before.values[name(one)];
        one.dispatchEvent(new Event("input", { bubbles: true }));
      }
      note.remove();
      fields(form)[0]?.focus();
    });
    discard.addEventListener("click", () => { forget((one) => one === key(form)); note.remove(); });
    const actions = element("div", "", "actions");
    actions.append(restore, discard);
    note.append(element("p", said.unsavedFrom.replace("{time}", time)), actions);
    form.prepend(note);
  };

  for (const form of kept) {
    const first = JSON.stringify(values(form)), before = entry(key(form));
    const mark = element("p", said.unsaved, "hint unsaved");
    const look = (changed) => {
      if (changed) form.querySelector("button:not([type])")?.before(mark);
      else mark.remove();
    };
    if (answered) { if (before.at) { save(form); look(form.elements.seen); } }
    else if (before.at && JSON.stringify(before.values) !== first) offer(form, before);
    form.addEventListener("input", () => { save(form); look(form.elements.seen && JSON.stringify(values(form)) !== first); });
    form.addEventListener("submit", () => save(form));
    form.addEventListener("click", (event) => { if (event.target.closest("[data-discard]")) forget((one) => one === key(form)); });
  }

  // Without a line nothing is sent: said on the page, which a browser would take away to say so.
  const tell = () => {
    if (document.getElementById("offline")) return;
    const note = element("p", said.offline, "note wait");
    note.id = "offline";
    note.setAttribute("role", "alert");
    document.getElementById("main").prepend(note);
    scrollTo(0, 0);
  };
  addEventListener("online", () => document.getElementById("offline")?.remove());

  // Pressed once is enough; what the service gets twice it does once anyway.
  document.addEventListener("submit", (event) => {
    if (navigator.onLine === false) { event.preventDefault(); tell(); return; }
    const buttons = event.target.querySelectorAll("button");
    setTimeout(() => buttons.forEach((one) => { one.disabled = true; if (one.dataset.busy && one === event.submitter) one.textContent = one.dataset.busy; }));
    setTimeout(() => buttons.forEach((one) => { one.disabled = false; }), 8000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("button[disabled]").forEach((one) => { one.disabled = false; }); });
  if (location.pathname.endsWith("/sign-in") && document.querySelector(".note.done")) forget(() => true); // signed out by a press
})();
