// How far a notice or a file is, looked at anew while something is on its way; a line that breaks is tried again, slower.
"use strict";
(() => {
  const live = document.getElementById("live");
  let wait = 5000;
  const look = async () => {
    try {
      const answer = await fetch(`${location.pathname}?part=live`, { headers: { Accept: "text/html" }, redirect: "error" });
      if (answer.status === 401) location.reload(); // signed out: the sign-in leads back to this page
      if (answer.ok) {
        const said = await answer.text();
        if (said !== live.innerHTML) live.innerHTML = said;
        if (live.querySelector("[data-over]")) location.reload();
        wait = 5000;
      }
    } catch { wait = Math.min(wait * 2, 60000); }
    setTimeout(look, wait);
  };
  setTimeout(look, wait);
})();
