// A fold that lies over the page: it closes when the person goes on elsewhere, so that it never hides the focus.
export function panel(details) {
  const close = () => { details.open = false; };
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    close();
    details.querySelector("summary").focus();
  });
  details.addEventListener("focusout", (event) => { if (event.relatedTarget && !details.contains(event.relatedTarget)) close(); });
  document.addEventListener("pointerdown", (event) => { if (!details.contains(event.target)) close(); });
}
