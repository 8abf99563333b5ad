// The page: which phones there are, which texts are on the air, what was billed.
import { Air } from "./air.js";
import { segments } from "./gsm.js";
import { Handset, OPERATORS } from "./handset.js";
import { many } from "./inbox.js";
import { keep, recall } from "./memory.js";
import { panel } from "./panel.js";
import { Tabs } from "./tabs.js";

const DEMO = [["Member", "+254711000001"], ["Responder one", "+254711000002"], ["Responder two", "+254711000003"], ["Facilitator", "+254711000004"]];
const at = (id) => document.getElementById(id);

class Page {
  constructor({ hooks, code, price, to, limit, air }) {
    Object.assign(this, { hooks, code, to, price: Number(price), limit: Number(limit), handsets: [], texts: [], turns: 0 });
    this.tabs = new Tabs(at("tabs"), () => this.handsets);
    for (const who of recall().phones || DEMO.map(([label, number]) => this.fresh(label, number))) this.put(who);
    this.listen();
    this.air = new Air(air, recall().mark, (texts, first) => this.hear(texts, first), (words) => { at("trouble").textContent = words; });
    setInterval(() => this.tick(), 1000);
  }

  fresh(label, number) {
    return { label, number, network: "63902", limit: this.limit, off: false };
  }

  listen() {
    at("lasts").value = String(recall().lasts);
    at("lasts").addEventListener("change", (event) => keep({ lasts: Number(event.target.value) }));
    panel(document.querySelector(".tools details"));
    at("add").addEventListener("click", () => this.add());
    at("clear").addEventListener("click", () => this.clear());
    at("reset").addEventListener("click", () => { keep({ phones: null }); location.reload(); });
  }

  put(who) {
    const handset = new Handset(this, who);
    this.handsets.push(handset);
    at("phones").append(handset.node);
    this.tabs.draw();
    return handset;
  }

  add(number = this.unused()) {
    const handset = this.put(this.fresh(`Phone ${this.handsets.length + 1}`, number));
    this.again(handset);
    this.save();
    this.tabs.show(handset);
    this.bill();
    handset.find(".screen").focus();
  }

  unused() {
    const taken = this.handsets.map(({ who }) => who.number);
    let next = 711000001;
    while (taken.includes(`+254${next}`)) next += 1;
    return `+254${next}`;
  }

  async remove(handset) {
    handset.line.hangUp("", "");
    this.handsets = this.handsets.filter((one) => one !== handset);
    handset.node.remove();
    this.save();
    this.bill();
    at("add").focus();
  }

  /** What is wrong with a number for this phone, kindly; nothing when it will do. */
  wrong(handset, number) {
    if (!/^\+\d{8,15}$/.test(number)) return "A number begins with + and the country, like +254711000009.";
    const other = this.handsets.find((one) => one !== handset && one.who.number === number);
    return other ? `${other.who.label} has this number already.` : "";
  }

  save() {
    keep({ phones: this.handsets.map(({ who }) => who) });
    this.tabs.draw();
  }

  marked() { this.tabs.draw(); }

  counted() {
    this.turns += 1;
    this.bill();
  }

  /** The texts that the air has for a phone that was added or has another number. */
  again(handset) {
    for (const text of this.texts) if (text.to === handset.who.number) handset.receive(text);
  }

  async hear(texts, first) {
    this.texts.push(...texts);
    for (const text of texts) this.owner(text)?.receive(text);
    if (texts.length || first) this.bill();
    if (!first) this.announce(texts);
    for (const handset of this.handsets) await handset.settle();
  }

  owner(text) { return this.handsets.find(({ who }) => who.number === text.to); }

  announce(texts) {
    const heard = texts.map((text) => [this.owner(text), text.text]).filter(([handset]) => handset && !handset.who.off);
    if (heard.length) at("heard").textContent = heard.map(([handset, words]) => `New text for ${handset.who.label}: ${words}`).join("\n");
  }

  bill() {
    const billed = this.texts.reduce((sum, text) => sum + segments(text.text), 0);
    at("billed").textContent = billed;
    at("cost").textContent = `KES ${(billed * this.price).toFixed(2)}`;
    at("sent").textContent = this.texts.length;
    at("turns").textContent = this.turns;
    this.others();
  }

  /** Numbers that got texts and have no phone here. */
  others() {
    const counts = new Map();
    for (const text of this.texts) if (!this.owner(text)) counts.set(text.to, (counts.get(text.to) || 0) + 1);
    const buttons = [...counts].slice(0, 6).map(([number, count]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${number} (${many(count, "text")})` });
      button.setAttribute("aria-label", `Add a phone with ${number}, which got ${many(count, "text")}`);
      button.addEventListener("click", () => this.add(number));
      return button;
    });
    at("others").hidden = !buttons.length;
    at("others").querySelector("span").replaceChildren(...buttons);
  }

  clear() {
    keep({ mark: this.air.mark, sent: [], seen: {} });
    [this.texts, this.turns] = [[], 0];
    for (const handset of this.handsets) {
      handset.waiting = [];
      handset.waits();
      handset.inbox.fill();
    }
    this.bill();
    at("heard").textContent = "The texts are cleared from this page.";
  }

  tick() {
    const now = Date.now(), { lasts } = recall();
    for (const handset of this.handsets) handset.line.tick(now, lasts);
  }
}

for (const [code, [name, limit]] of Object.entries(OPERATORS)) {
  at("handset").content.querySelector("[name=network]").append(new Option(`${name}, ${limit}`, code));
}
if (!matchMedia("(min-width: 84rem)").matches) at("story").open = false; // there it would push the phones down
new Page(document.body.dataset);
