// How long a text is on the air while it is typed: characters, SMS, and the sign that makes it dearer.
"use strict";
(() => {
  const form = document.querySelector("form[data-basic]");
  if (!form) return;
  const basic = new Set([...form.dataset.basic, "\n", "\r"]);
  const extended = new Set(form.dataset.extended);
  const folded = JSON.parse(form.dataset.folded);
  const cheaper = (sign) => {
    if (basic.has(sign) || extended.has(sign)) return sign;
    if (sign in folded) return folded[sign];
    const base = sign.normalize("NFD")[0];
    return basic.has(base) ? base : sign;
  };
  const measure = (typed) => {
    const given = [...typed.trim().replace(/\s+/g, " ").normalize("NFC")];
    const text = [...given.map(cheaper).join("")];
    const dear = text.find((sign) => !basic.has(sign) && !extended.has(sign));
    const signs = dear === undefined ? text : given;
    const size = (sign) => (dear === undefined ? (extended.has(sign) ? 2 : 1) : sign.length);
    const [single, part] = dear === undefined ? [160, 153] : [70, 67];
    let parts = 1, room = part;
    if (signs.reduce((sum, sign) => sum + size(sign), 0) > single) {
      for (const sign of signs) {
        if (size(sign) > room) { parts += 1; room = part; }
        room -= size(sign);
      }
    }
    return { count: signs.length, parts, dear };
  };
  for (const area of form.querySelectorAll("textarea[data-count]")) {
    const said = document.createElement("p");
    said.className = "hint counted";
    said.id = `${area.id}-counted`;
    said.setAttribute("aria-live", "polite");
    area.after(said);
    const tell = () => {
      const { count, parts, dear } = measure(area.value);
      said.textContent = count ? form.dataset.said.replace("{count}", count).replace("{parts}", parts) : "";
      if (dear) said.textContent += `. ${form.dataset.dear.replace("{sign}", dear)}`;
    };
    area.addEventListener("input", tell);
    tell();
  }
})();
