"use strict";

const send = async (path, form) => {
  const forms = [...form.querySelectorAll("textarea")].map((area) => area.value);
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ key: form.id, forms }),
  });
  return (await response.json()).faults;
};

for (const form of document.querySelectorAll("form.text")) {
  const status = form.querySelector("[role=status]");
  let turn = 0; // only the newest check is shown
  let timer;
  const show = async (path, good) => {
    const mine = ++turn;
    try {
      const faults = await send(path, form);
      if (mine === turn) status.textContent = faults.join("\n") || good;
    } catch {
      status.textContent = "Not saved: is smsgate translate still running?";
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show("/check", "Not saved yet."), 300);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    show("/save", "Saved.");
  });
}
