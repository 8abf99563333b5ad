// The texts of one phone, both ways, and what each was billed.
import { culprits, isGsm7, segments, units } from "./gsm.js";
import { keepSeen, keepSent, recall } from "./memory.js";

const time = (at) => new Date(at * 1000).toTimeString().slice(0, 5);
export const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

export class Inbox {
  constructor(phone, find) {
    Object.assign(this, { phone, find, unread: 0 });
    this.field = find(".letter");
    this.listen();
    this.measure();
  }

  listen() {
    const section = this.find(".texts");
    for (const kind of ["focusin", "pointerdown"]) section.addEventListener(kind, () => this.read());
    this.find(".compose").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.field.addEventListener("input", () => this.measure());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
  }

  /** Everything anew: this phone has another number now. */
  fill() {
    this.find(".thread ol").replaceChildren();
    this.unread = 0;
    for (const text of recall().sent) if (text.from === this.phone.who.number) this.sent(text);
    this.badge();
  }

  measure() {
    const words = this.field.value, count = segments(words), gsm7 = isGsm7(words);
    const whole = gsm7 ? (count === 1 ? 160 : 153 * count) : (count === 1 ? 70 : 67 * count);
    const node = this.find(".length");
    node.textContent = `${units(words)} / ${whole} · ${many(count, "segment")}`;
    node.classList.toggle("dear", count > 1 || !gsm7);
    node.title = gsm7 ? "" : `Only ${whole} characters, because of ${culprits(words).join(" ")}`;
  }

  async send() {
    const words = this.field.value;
    if (this.sending || this.phone.who.off) return;
    this.sending = true;
    const text = { from: this.phone.who.number, text: words, at: Date.now() / 1000 };
    const { status } = await this.phone.provider.text(words);
    this.sending = false;
    this.refused(status);
    if (status !== 200) return;
    this.field.value = "";
    this.measure();
    keepSent(text);
    this.sent(text);
    this.read();
  }

  refused(status) {
    const why = status ? `the service answered ${status}` : "no connection";
    this.find(".refused").textContent = status === 200 ? "" : `Not taken (${why}). The provider would repeat it each minute; press Send to do so.`;
  }

  sent(text) {
    this.add(text, "out", `${time(text.at)} · ${many(segments(text.text), "segment")}, paid by this phone`);
  }

  received(text) {
    const cost = (segments(text.text) * this.phone.page.price).toFixed(2);
    const note = this.add(text, "in", `${time(text.at)} · ${many(segments(text.text), "segment")} billed, KES ${cost} · `);
    const state = Object.assign(document.createElement("span"), { textContent: "arriving" });
    note.append(state);
    if (text.at > (recall().seen[text.to] || 0)) this.unread += 1;
    this.badge();
    this.bottom();
    return state;
  }

  bottom() {
    const thread = this.find(".thread");
    thread.scrollTop = thread.scrollHeight;
  }

  /** One text in the order of time; its note. */
  add(text, kind, words) {
    const item = Object.assign(document.createElement("li"), { className: `${kind} new` });
    const who = Object.assign(document.createElement("b"), { className: "visually-hidden", textContent: kind === "in" ? "Received: " : "Sent: " });
    const note = Object.assign(document.createElement("small"), { textContent: words });
    item.dataset.at = text.at;
    item.append(who, text.text, note);
    const list = this.find(".thread ol");
    const later = [...list.children].find((other) => Number(other.dataset.at) > text.at);
    list.insertBefore(item, later || null);
    this.bottom();
    return note;
  }

  read() {
    if (!this.unread) return;
    this.unread = 0;
    keepSeen(this.phone.who.number, Date.now() / 1000);
    this.badge();
  }

  badge() {
    const badge = this.find(".unread");
    badge.hidden = !this.unread;
    badge.textContent = `${this.unread} new`;
    this.phone.page.marked();
  }
}
