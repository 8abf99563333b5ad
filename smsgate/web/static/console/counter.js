// How long a text is on the air while it is typed: characters, SMS, and the sign that makes it dearer.
"use strict";
(() => {
  const form = document.querySelector("form[data-basic]");
  if (!form) return;
  const basic = new Set([...form.dataset.basic, "\n", "\r"]);
  const extended = new Set(form.dataset.extended);
  const folded = JSON.parse(form.dataset.folded);
  // What must not come apart, as in core/graphemes.py: emoji with what joins them, and single characters.
  const whole = new RegExp(form.dataset.emoji + "|[^]", "gu");
  const plain = (text) => [...text].every((sign) => basic.has(sign) || extended.has(sign));
  const cheaper = (sign) => {
    if (plain(sign)) return sign;
    if (sign in folded) return folded[sign];
    if (/^[\p{Cf}\p{Cc}\u034f\ufe00-\ufe0f]$/u.test(sign)) return "";
    if (/^\p{Zs}$/u.test(sign)) return " ";
    if (/^\p{Pd}$/u.test(sign)) return "-";
    const base = sign.normalize("NFD")[0];
    if (basic.has(base)) return base;
    const simple = sign.normalize("NFKC").replace(/\u2044/g, "/");
    return plain(simple) ? simple : sign;
  };
  const measure = (typed) => {
    const given = typed.trim().replace(/\s+/g, " ").normalize("NFC").match(whole) || [];
    const text = given.map(cheaper).join("").match(whole) || [];
    const dear = text.find((sign) => !plain(sign));
    const signs = dear === undefined ? [...text.join("")] : given;
    const size = (sign) => (dear === undefined ? (extended.has(sign) ? 2 : 1) : sign.length);
    const [single, part] = dear === undefined ? [160, 153] : [70, 67];
    let parts = 1, room = part;
    if (signs.reduce((sum, sign) => sum + size(sign), 0) > single) {
      for (const sign of signs) {
        if (size(sign) > room) { parts += 1; room = part; }
        room -= size(sign);
      }
    }
    return { count: [...signs.join("")].length, parts, dear };
  };
  const phone = document.getElementById("shown");
  const show = (area) => { // in the language that is being written
    if (!phone) return;
    phone.textContent = area.value.trim() || phone.dataset.empty;
    phone.lang = area.lang;
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
    area.addEventListener("focus", () => show(area));
    area.addEventListener("input", () => show(area));
    tell();
  }
})();
