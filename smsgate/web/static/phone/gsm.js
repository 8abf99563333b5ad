// How long a text is on the air and how many SMS it costs: the rules of smsgate/core/gsm7.py, held to them by a test.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€");

// What never comes apart in an SMS: an emoji with its joiners or skin tone, a flag, a key. As in smsgate/core/graphemes.py.
const PICTURE = "[\\u{a9}\\u{ae}\\u{203c}\\u{2049}\\u{2122}\\u{2139}\\u{2190}-\\u{27ff}\\u{2900}-\\u{2bff}\\u{3030}\\u{303d}\\u{3297}" +
  "\\u{3299}\\u{1f000}-\\u{1f1e5}\\u{1f200}-\\u{1f3fa}\\u{1f400}-\\u{1faff}]" +
  "[\\u{fe0e}\\u{fe0f}\\u{1f3fb}-\\u{1f3ff}]*[\\u{e0020}-\\u{e007f}]*";
const UNBROKEN = new RegExp(
  `[\\u{1f1e6}-\\u{1f1ff}]{2}|[0-9#*]\\u{fe0f}?\\u{20e3}|${PICTURE}(?:\\u{200d}${PICTURE})*|[^]`, "gu");

/** The characters that turn a text to UCS-2, each once. */
export const culprits = (text) => [...new Set(text)].filter((char) => !BASIC.has(char) && !EXTENDED.has(char));

export const isGsm7 = (text) => culprits(text).length === 0;

const unbroken = (text) => {
  const parts = isGsm7(text) ? [...text] : text.match(UNBROKEN) ?? [];
  return parts.some((part) => part.length > 67) ? [...text] : parts;
};

const sizes = (text) => {
  const gsm7 = isGsm7(text);
  return unbroken(text).map((part) => gsm7 ? 1 + EXTENDED.has(part) : part.length);
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
  const all = sizes(text), chars = unbroken(text);
  let used = 0, at = 0;
  while (at < chars.length && used + all[at] <= limit) used += all[at++];
  return [chars.slice(0, at).join(""), chars.slice(at).join("")];
}

/** What a screen of `limit` septets holds: a character outside GSM-7 makes every one 16 bits long. */
export const room = (text, limit) => isGsm7(text) ? limit : Math.floor(limit * 7 / 16);
