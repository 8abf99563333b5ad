// One phone on the page: whose it is, its line, its texts.
import { Inbox, many } from "./inbox.js";
import { Line } from "./line.js";
import { claim, recall, release } from "./memory.js";
import { panel } from "./panel.js";
import { Provider } from "./provider.js";
import { tracing } from "./trace.js";

export const OPERATORS = { 63902: ["Safaricom", 160], 63903: ["Airtel", 184], 99999: ["Other", 140] };
const spaced = (number) => number.replace(/^(\+254)(\d{3})(\d{3})(\d{3})$/, "$1 $2 $3 $4");
let made = 0;

export class Handset {
  constructor(page, who) {
    Object.assign(this, { page, who, waiting: [], untold: [] });
    this.node = document.getElementById("handset").content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.node.querySelector(selector);
    this.number();
    this.provider = new Provider(page, who, tracing(this.find(".trace ol")));
    this.line = new Line(this, this.find);
    this.inbox = new Inbox(this, this.find);
    this.listen();
    this.named();
    this.switched();
    this.inbox.fill();
  }

  /** Labels and fields find each other by ids of this phone's own. */
  number() {
    this.id = `handset-${made += 1}`;
    this.node.id = this.id;
    for (const node of this.node.querySelectorAll("[data-id]")) node.id = `${this.id}-${node.dataset.id}`;
    for (const [mark, attribute] of [["data-for", "for"], ["data-by", "aria-labelledby"], ["data-told", "aria-describedby"]]) {
      for (const node of [this.node, ...this.node.querySelectorAll(`[${mark}]`)]) {
        const names = node.getAttribute(mark);
        if (names) node.setAttribute(attribute, names.split(" ").map((name) => `${this.id}-${name}`).join(" "));
      }
    }
  }

  listen() {
    const field = (name, act) => this.find(`[name=${name}]`).addEventListener("change", (event) => act(event.target));
    field("label", (input) => { this.who.label = input.value.trim() || "Phone"; this.changed(); });
    field("number", (input) => this.renumber(input));
    field("network", (input) => { [this.who.network, this.who.limit] = [input.value, OPERATORS[input.value][1]]; this.changed(); });
    field("limit", (input) => { if (input.checkValidity()) this.who.limit = Number(input.value); this.changed(); });
    this.find(".power").addEventListener("click", () => this.toggle());
    this.find(".remove").addEventListener("click", () => this.page.remove(this));
    panel(this.find(".setup"));
  }

  changed() {
    this.named();
    this.page.save();
  }

  named() {
    const { label, number, network, limit } = this.who;
    this.find(".name").textContent = label;
    this.find(".setup summary").setAttribute("aria-label", `Set up ${label}`);
    this.find(".msisdn").textContent = spaced(number);
    this.find(".operator").textContent = OPERATORS[network][0];
    for (const [name, value] of Object.entries({ label, number, network, limit })) this.find(`[name=${name}]`).value = value;
  }

  renumber(input) {
    const number = input.value.replace(/[\s-]/g, "").replace(/^0(?=\d{9}$)/, "+254");
    const wrong = this.page.wrong(this, number);
    this.find(".wrong").textContent = wrong;
    input.setAttribute("aria-invalid", String(Boolean(wrong)));
    if (wrong) return;
    this.line.hangUp("", "No session");
    this.who.number = number;
    [this.waiting, this.untold] = [[], []];
    this.inbox.fill();
    this.page.again(this);
    this.changed();
  }

  toggle() {
    this.who.off = !this.who.off;
    if (this.who.off) this.line.hangUp("", "Switched off");
    this.switched();
    this.page.save();
    if (!this.who.off) for (const text of this.waiting.splice(0)) this.arrive(text);
    this.waits();
  }

  switched() {
    const { off } = this.who;
    this.node.classList.toggle("off", Boolean(off));
    this.find(".power").setAttribute("aria-checked", String(!off));
    this.find(".power span").textContent = off ? "Off" : "On";
    for (const button of [".go", ".post"]) this.find(button).setAttribute("aria-disabled", String(Boolean(off)));
    this.line.show("", off ? "Switched off" : "No session");
  }

  /** A text on the air for this number: it waits while the phone is off, unless it came before. */
  receive(text) {
    if (this.who.off && !recall().told.includes(text.id)) this.waiting.push(text);
    else this.arrive(text);
    this.waits();
  }

  waits() {
    const count = this.waiting.length;
    this.find(".waits").textContent = count ? `${many(count, "text waits", "texts wait")} until this phone is on.` : "";
  }

  arrive(text) {
    const state = this.inbox.received(text);
    if (claim(text.id)) this.tell({ text, state });
    else state.textContent = "delivered";
  }

  async tell(news) {
    const { status } = await this.provider.report(news.text.id, "Success");
    news.state.textContent = status === 200 ? "delivered" : "delivered, not reported yet";
    this.inbox.bottom();
    if (status === 200) return;
    release(news.text.id);
    this.untold.push(news);
  }

  /** Reports that the service did not take, tried again. */
  settle() {
    return Promise.all(this.untold.splice(0).map((news) => claim(news.text.id) && this.tell(news)));
  }
}
