// Steps are moved by dragging them, too; the buttons Up and Down do the same with keys.
"use strict";
(() => {
  const list = document.querySelector("ol.way");
  if (!list) return;
  let dragged = null;
  for (const item of list.querySelectorAll("li[data-at]")) {
    const form = item.querySelector("form[data-move]");
    if (!form) continue;
    item.draggable = true;
    item.addEventListener("dragstart", (event) => { dragged = item; event.dataTransfer.effectAllowed = "move"; item.classList.add("dragged"); });
    item.addEventListener("dragend", () => { item.classList.remove("dragged"); dragged = null; });
    item.addEventListener("dragover", (event) => { if (dragged && dragged !== item) { event.preventDefault(); item.classList.add("over"); } });
    item.addEventListener("dragleave", () => item.classList.remove("over"));
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      item.classList.remove("over");
      const move = dragged?.querySelector("form[data-move]");
      if (!move) return;
      move.action = move.action.replace(/[^/]+$/, `to-${item.dataset.at}`);
      move.requestSubmit();
    });
  }
})();
