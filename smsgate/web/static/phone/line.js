// The line of one phone: dialling, the screen, the reply, and how a session ends.
import { culprits, cut, room, units } from "./gsm.js";
import { deeper } from "./provider.js";
import { keypad } from "./keypad.js";

const MMI = "Connection problem or invalid MMI code."; // an operator's own words
const TOUCH = matchMedia("(pointer: coarse)");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

export class Line {
  constructor(phone, find) {
    Object.assign(this, { phone, find, call: null, waiting: false, untouched: true });
    this.field = find(".dialled");
    this.field.value = phone.page.code;
    keypad(find(".keys"), (key) => this.press(key));
    this.listen();
    this.show("", "No session");
  }

  listen() {
    const on = (selector, kind, act) => this.find(selector).addEventListener(kind, act);
    on(".line", "submit", (event) => { event.preventDefault(); this.send(); });
    on(".rub", "click", () => this.rub());
    on(".cancel", "click", () => this.hangUp("Cancelled", "Session cancelled"));
    on(".drop", "click", () => this.hangUp("Connection lost", "The line dropped"));
    on(".screen", "keydown", (event) => this.typed(event));
    this.field.addEventListener("input", () => { this.untouched = false; });
  }

  /** A key of the phone; the first one makes room where only the suggested code stands. */
  press(key) {
    if (this.waiting) return;
    if (!this.call && this.untouched) this.field.value = "";
    this.untouched = false;
    this.field.value += key;
  }

  rub() {
    if (this.waiting) return;
    this.untouched = false;
    this.field.value = [...this.field.value].slice(0, -1).join("");
  }

  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") this.send();
    else if (event.key === "Backspace") this.rub();
    else if (event.key.length === 1 && (event.key !== " " || this.field.value)) this.press(event.key);
    else return;
    event.preventDefault();
  }

  send() {
    if (this.waiting || this.phone.who.off) return;
    if (!this.call) this.dial(this.field.value.trim());
    else this.turn(this.field.value);
  }

  dial(code) {
    if (code === this.phone.provider.to) {
      this.phone.provider.ring();
      this.show("The number you have called is busy.", "A missed call: refused, so free of charge");
      return;
    }
    const behind = deeper(code, this.phone.page.code);
    if (behind === null) {
      this.show(MMI, `${code || "Nothing"} is not this service: dial ${this.phone.page.code}`);
      return;
    }
    this.call = this.phone.provider.begin(behind);
    this.turn();
  }

  async turn(reply) {
    const call = this.call;
    if (reply !== undefined) call.typed.push(reply);
    this.waiting = true;
    this.state("Waiting for the service …");
    const { kind, words } = await this.phone.provider.turn(call);
    if (this.call !== call) return; // the line dropped meanwhile
    this.waiting = false;
    this.phone.page.counted();
    if (kind === "CON") this.ask(words);
    else if (kind === "END") this.close("Success", words, "Session ended");
    else this.close("Failed", MMI, "The service answered nothing that a phone can show");
  }

  ask(words) {
    this.show(words, "In a session");
    this.field.value = "";
    if (!TOUCH.matches && this.find(".line").contains(document.activeElement)) this.field.focus();
  }

  hangUp(words, state) {
    if (this.call) this.close("Incomplete", words, state);
  }

  close(status, words, state) {
    const call = this.call, within = this.find(".line").contains(document.activeElement);
    this.call = null;
    this.waiting = false;
    this.show(words, state);
    this.find(".clock").textContent = "";
    this.field.value = this.phone.page.code;
    this.untouched = true;
    if (within && !TOUCH.matches) this.field.focus(); // the key that had the focus has gone
    return this.phone.provider.end(call, status);
  }

  show(words, state) {
    const limit = room(words, this.phone.who.limit), length = units(words), [shown, lost] = cut(words, limit);
    this.find(".words").textContent = shown;
    this.find(".snip").hidden = !lost;
    this.find(".said").textContent = this.call ? "" : state; // heard with the words: nobody waits for more
    this.find(".count").textContent = words ? `${length} / ${limit} characters` : "";
    this.find(".bar").style.inlineSize = `${Math.min(100, 100 * length / limit)}%`;
    this.find(".screen").classList.toggle("over", Boolean(lost));
    this.idle(!words);
    this.warn(words, lost);
    this.state(state);
    this.keys();
  }

  idle(idle) {
    this.find(".shown").classList.toggle("idle", idle);
    this.find(".shown").dataset.hint = this.phone.who.off ? "This phone is off." : `Call dials ${this.phone.page.code}`;
  }

  warn(words, lost) {
    const odd = culprits(words);
    const said = [];
    if (lost) said.push(`Too long by ${units(words) - room(words, this.phone.who.limit)}: the operator cuts it here. Lost: “${lost}”`);
    if (odd.length) said.push(`Outside the phone alphabet, so some networks refuse it: ${odd.join(" ")}`);
    this.find(".warning").textContent = said.join(" ");
  }

  state(words) {
    this.find(".state").textContent = words;
    this.find(".screen").setAttribute("aria-busy", String(this.waiting));
    this.field.readOnly = this.waiting; // what was typed meanwhile would be wiped by the answer
  }

  /** In a session the same line replies; without one it dials. */
  keys() {
    const inside = Boolean(this.call);
    this.find(".asks").textContent = inside ? "Your reply" : "Code to dial";
    this.find(".go").textContent = inside ? "Send" : "Call";
    this.find(".line").classList.toggle("inside", inside);
    for (const key of [".cancel", ".drop"]) this.find(key).hidden = !inside;
    this.field.inputMode = inside ? "text" : "tel";
  }

  tick(now, lasts) {
    if (!this.call || !lasts) return;
    const left = Math.max(0, lasts - Math.floor((now - this.call.began) / 1000));
    this.find(".clock").textContent = clock(left);
    this.find(".clock").classList.toggle("short", left <= 30);
    if (left === 0) this.hangUp("Session timed out", `${lasts} seconds are over`);
  }
}
