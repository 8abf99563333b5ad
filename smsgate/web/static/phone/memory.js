// What this browser remembers: the phones, what they texted, and which texts they told the network of.
const STORE = "smsgate.phone";
const MOST = 600; // ids; the air keeps 500 texts
const fresh = () => ({ phones: null, sent: [], told: [], seen: {}, mark: "0", lasts: 180 });
let held = fresh(); // where storage is switched off, until the page closes

export function recall() {
  try {
    held = { ...fresh(), ...JSON.parse(localStorage.getItem(STORE)) };
  } catch { /* storage is off or was spoilt: what we hold will do */ }
  return held;
}

export function keep(change) {
  held = { ...recall(), ...change };
  try {
    localStorage.setItem(STORE, JSON.stringify(held));
  } catch { /* full or off */ }
}

export const keepSent = (text) => keep({ sent: [...recall().sent, text].slice(-100) });
export const keepSeen = (number, at) => keep({ seen: { ...recall().seen, [number]: at } });

/** True for the one page that may report this text; pages in other tabs share the memory. */
export function claim(id) {
  const { told } = recall();
  if (told.includes(id)) return false;
  keep({ told: [...told, id].slice(-MOST) });
  return true;
}

export const release = (id) => keep({ told: recall().told.filter((one) => one !== id) });
