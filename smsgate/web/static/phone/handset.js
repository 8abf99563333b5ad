// One phone on the page: its screen, its keys, its texts.
import { left, isGsm7, segments, units } from "./gsm.js";
import { Provider } from "./provider.js";

const SESSION_SECONDS = 180;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const TRACED = 12;
let count = 0;

export class Handset {
  constructor(page, who) {
    this.page = page;
    this.who = who;
    this.call = null;
    this.kept = [];
    this.node = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.provider = new Provider(page.hooks, page.code, (...seen) => this.trace(...seen));
    this.prepare();
  }

  find(selector) { return this.node.querySelector(selector); }

  prepare() {
    count += 1;
    this.node.querySelectorAll("label.visually-hidden").forEach((label, index) => {
      const field = label.nextElementSibling;
      field.id = label.htmlFor = `phone${count}-${index}`;
    });
    this.find(".label").value = this.who.label;
    this.find(".msisdn").value = this.who.number;
    this.find(".code").value = this.page.code;
    this.name();
    for (const key of KEYS) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: key });
      button.addEventListener("click", () => this.press(key));
      this.find(".keys").append(button);
    }
    this.listen();
  }

  listen() {
    const on = (selector, kind, act) => this.find(selector).addEventListener(kind, (event) => { event.preventDefault(); act(event); });
    on(".dial", "submit", () => this.dial());
    on(".reply", "submit", () => this.answer());
    on(".drop", "click", () => this.drop());
    on(".compose", "submit", () => this.compose());
    on(".remove", "click", () => this.page.remove(this));
    this.find(".label").addEventListener("change", (event) => { this.who.label = event.target.value.trim() || "Phone"; this.name(); this.page.save(); });
    this.find(".msisdn").addEventListener("change", (event) => { this.who.number = event.target.value.replace(/\s/g, ""); this.page.save(); });
    this.find(".words").addEventListener("input", (event) => this.measure(event.target.value));
    this.find(".switched-off").addEventListener("change", (event) => { if (!event.target.checked) this.switchedOn(); });
    this.find(".thread").addEventListener("focus", () => this.read());
    this.find(".screen").addEventListener("keydown", (event) => { if (/^[0-9*#]$/.test(event.key)) { event.preventDefault(); this.press(event.key); } });
  }

  name() {
    this.node.setAttribute("aria-label", this.who.label);
    this.find(".screen").setAttribute("aria-label", `Screen of ${this.who.label}`);
    this.find(".thread").setAttribute("aria-label", `Texts of ${this.who.label}`);
  }

  press(key) {
    const field = this.call ? this.find(".answer") : this.find(".code");
    if (!this.call && field.value === this.page.code) field.value = "";
    field.value += key;
    field.focus();
  }

  async dial() {
    if (this.call) await this.drop();
    this.call = this.provider.begin(this.who.number, this.find(".code").value.trim());
    this.find(".code").value = this.page.code;
    await this.turn();
  }

  async answer() {
    const field = this.find(".answer");
    if (!this.call || this.busy) return;
    this.call.typed.push(field.value);
    field.value = "";
    await this.turn();
  }

  async turn() {
    const call = this.call;
    this.busy = true;
    this.line("Please wait …");
    const { kind, text } = await this.provider.turn(call);
    this.busy = false;
    if (this.call !== call) return;
    this.show(text);
    if (kind === "CON") {
      this.line("In a call");
      this.open(true);
      this.find(".answer").focus();
    } else {
      this.close(kind === "END" ? "Success" : "Failed", kind === "END" ? "Call ended" : "The operator's own error");
    }
  }

  show(text) {
    const limit = this.page.limit(), length = units(text), fits = length <= (isGsm7(text) ? limit : Math.floor(limit * 7 / 16));
    this.find(".shown").textContent = fits ? text : [...text].slice(0, limit).join("");
    this.find(".count").textContent = text ? `${length} / ${limit}` : "";
    this.find(".over").textContent = fits ? "" : `Too long by ${length - limit}: the operator cuts it here.`;
  }

  line(words) { this.find(".line").textContent = words; }

  open(on) {
    for (const selector of [".answer", ".send", ".drop"]) this.find(selector).disabled = !on;
  }

  async close(status, words) {
    const call = this.call;
    this.call = null;
    this.line(words);
    this.find(".timer").textContent = "";
    this.open(false);
    if (call) await this.provider.end(call, status);
  }

  async drop() {
    this.show("");
    await this.close("Incomplete", "The line dropped");
  }

  tick(now) {
    if (!this.call) return;
    const rest = SESSION_SECONDS - Math.floor((now - this.call.begun) / 1000);
    this.find(".timer").textContent = `${rest} s`;
    if (rest <= 0) this.drop();
  }

  measure(words) {
    const length = this.find(".length");
    length.textContent = left(words);
    length.classList.toggle("dear", !isGsm7(words) || segments(words) > 1);
  }

  async compose() {
    const field = this.find(".words"), words = field.value;
    const { status } = await this.provider.text(this.who.number, words);
    if (status !== 200) { this.page.trouble(`The text was refused (${status || "no connection"}); the network would send it again.`); return; }
    field.value = "";
    this.measure("");
    this.add(words, "out", `sent · ${segments(words)} SMS`);
  }

  receive(text) {
    if (this.find(".switched-off").checked) { this.kept.push(text); return; }
    this.add(text.text, "in", `${segments(text.text)} SMS · ${new Date(text.at * 1000).toTimeString().slice(0, 5)}`);
    this.unread = (this.unread || 0) + 1;
    const badge = this.find(".unread");
    badge.hidden = false;
    badge.textContent = `${this.unread} new`;
    if (!text.old) this.provider.report(this.who.number, text.id, "Success");
  }

  switchedOn() {
    for (const text of this.kept.splice(0)) this.receive(text);
  }

  read() { this.unread = 0; this.find(".unread").hidden = true; }

  add(words, kind, note) {
    const item = Object.assign(document.createElement("li"), { className: `${kind} new`, textContent: words });
    item.append(Object.assign(document.createElement("small"), { textContent: note }));
    const thread = this.find(".thread");
    thread.append(item);
    thread.scrollTop = thread.scrollHeight;
    if (kind === "out") this.read();
  }

  trace(path, form, status, body) {
    const pre = this.find(".trace pre");
    const shown = Object.entries(form).map(([key, value]) => `  ${key}=${value}`).join("\n");
    const entries = [`POST …/${path}\n${shown}\n→ ${status} ${body}`, ...pre.textContent.split("\n\n").filter(Boolean)];
    pre.textContent = entries.slice(0, TRACED).join("\n\n");
  }
}
