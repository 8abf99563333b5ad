// How long a text is on the air and how many SMS it costs: the rules of smsgate/gsm.py, held to them by a test.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€");

/** The characters that turn a text to UCS-2, each once. */
export const culprits = (text) => [...new Set(text)].filter((char) => !BASIC.has(char) && !EXTENDED.has(char));

export const isGsm7 = (text) => culprits(text).length === 0;

const sizes = (text) => {
  const gsm7 = isGsm7(text);
  return [...text].map((char) => gsm7 ? 1 + EXTENDED.has(char) : char.length);
};

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);

/** Septets in GSM-7, 16-bit units in UCS-2. */
export const units = (text) => sum(sizes(text));

/** How many SMS the text is billed as; the empty text is one. */
export function segments(text) {
  const [single, part] = isGsm7(text) ? [160, 153] : [70, 67];
  const all = sizes(text);
  if (sum(all) <= single) return 1;
  let count = 1, room = part;
  for (const size of all) {
    if (size > room) { count += 1; room = part; }
    room -= size;
  }
  return count;
}

/** What of a text fits the length that it is counted in: [what is shown, what is lost]. */
export function cut(text, limit) {
  const all = sizes(text), chars = [...text];
  let used = 0, at = 0;
  while (at < chars.length && used + all[at] <= limit) used += all[at++];
  return [chars.slice(0, at).join(""), chars.slice(at).join("")];
}

/** What a screen of `limit` septets holds: a character outside GSM-7 makes every one 16 bits long. */
export const room = (text, limit) => isGsm7(text) ? limit : Math.floor(limit * 7 / 16);
