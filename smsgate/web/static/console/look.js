// What is wrong with a text, and how long it is with the longest names, while it is typed: as the service finds it.
"use strict";
(() => {
  const form = document.querySelector("form[data-look]");
  const place = document.getElementById("look");
  if (!form || !place) return;
  let timer = 0, asked = 0;
  const look = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" }, redirect: "error" });
      if (answer.ok && mine === asked) place.innerHTML = await answer.text();
    } catch { /* the line is away: it is looked at again with the next sign, and in any case before it is kept */ }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 400); });
  // Typed, or put back, before this page's scripts were there.
  if ("lookNow" in form.dataset || [...form.querySelectorAll("textarea")].some((one) => one.value !== one.defaultValue)) look();
})();
