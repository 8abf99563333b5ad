// The screen of a step beside its form, in the language that is being written.
"use strict";
(() => {
  const form = document.querySelector("form[data-screen]"), phone = document.getElementById("shown"), length = document.getElementById("shown-length");
  if (!form || !phone) return;
  const draw = (language) => {
    const words = form.elements[`text_${language}`]?.value.trim() || "";
    const labels = [...form.querySelectorAll(`input[name^="label_"][name$="_${language}"]`)].map((one) => one.value.trim()).filter(Boolean);
    const shown = [words, ...labels.map((label, at) => `${at + 1} ${label}`)].filter(Boolean).join("\n");
    phone.textContent = shown || phone.dataset.empty;
    phone.lang = language;
    length.textContent = shown ? length.dataset.said.replace("{count}", [...shown].length) : "";
  };
  const look = (event) => { if (event.target.lang) draw(event.target.lang); };
  form.addEventListener("input", look);
  form.addEventListener("focusin", look);
})();
