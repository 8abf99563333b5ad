// Menus of the header close on Escape and on a press elsewhere; where the rooms scroll, the current one is in view.
"use strict";
(() => {
  const close = (but) => document.querySelectorAll(".menu[open]").forEach((one) => { if (one !== but) one.open = false; });
  document.addEventListener("click", (event) => close(event.target.closest(".menu")));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  const rooms = document.querySelector(".rooms"), here = rooms?.querySelector("[aria-current]");
  if (here) rooms.scrollLeft = here.offsetLeft - rooms.offsetLeft - (rooms.clientWidth - here.offsetWidth) / 2;
})();
