// Twelve keys, one stop of the Tab key; the arrows go from key to key.
const KEYS = [["1", ""], ["2", "abc"], ["3", "def"], ["4", "ghi"], ["5", "jkl"], ["6", "mno"], ["7", "pqrs"], ["8", "tuv"], ["9", "wxyz"], ["*", ""], ["0", ""], ["#", ""]];
const SAID = { "*": "star", "#": "hash" };
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 };

function key([sign, letters], place) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: sign, tabIndex: place ? -1 : 0 });
  button.setAttribute("aria-label", SAID[sign] || sign);
  button.append(Object.assign(document.createElement("small"), { textContent: letters, ariaHidden: "true" }));
  return button;
}

export function keypad(node, press) {
  const keys = KEYS.map(key);
  node.append(...keys);
  const move = (to) => {
    for (const one of keys) one.tabIndex = one === to ? 0 : -1;
    to.focus();
  };
  keys.forEach((one, place) => one.addEventListener("click", () => press(KEYS[place][0])));
  node.addEventListener("keydown", (event) => {
    const from = keys.indexOf(document.activeElement), to = keys[from + (STEPS[event.key] || NaN)];
    if (to) { event.preventDefault(); move(to); }
    else if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });
}
