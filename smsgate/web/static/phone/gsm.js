// How long a text is on the air and how many SMS it costs; the same rules as smsgate/gsm.py, held together by a test.
const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€");

export const isGsm7 = (text) => [...text].every((char) => BASIC.has(char) || EXTENDED.has(char));

const sizes = (text) => isGsm7(text) ? [...text].map((char) => (EXTENDED.has(char) ? 2 : 1)) : [...text].map((char) => char.length);

export const units = (text) => sizes(text).reduce((sum, size) => sum + size, 0);

export function segments(text) {
  const [single, part] = isGsm7(text) ? [160, 153] : [70, 67];
  if (units(text) <= single) return 1;
  let count = 1, room = part;
  for (const size of sizes(text)) {
    if (size > room) { count += 1; room = part; }
    room -= size;
  }
  return count;
}

export function left(text) {
  const many = segments(text);
  const [single, part] = isGsm7(text) ? [160, 153] : [70, 67];
  return `${units(text)} / ${many === 1 ? single : part * many} · ${many} SMS${isGsm7(text) ? "" : " (one character makes it dear)"}`;
}
