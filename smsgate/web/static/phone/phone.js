// The page: which phones there are, what is on the air, what it cost.
import { Handset } from "./handset.js";
import { segments } from "./gsm.js";

const DEMO = [
  { label: "Member", number: "+254711000001" },
  { label: "Responder one", number: "+254711000002" },
  { label: "Responder two", number: "+254711000003" },
  { label: "Facilitator", number: "+254711000004" },
];
const STORE = "smsgate-phones";

class Page {
  constructor() {
    const { hooks, code, limit, price } = document.body.dataset;
    Object.assign(this, { hooks, code, price: Number(price), handsets: [], mark: "0", texts: 0, billed: 0 });
    this.choice = document.getElementById("limit");
    if (![...this.choice.options].some((option) => option.value === limit)) this.choice.add(new Option(`${limit}`, limit));
    this.choice.value = limit;
    document.getElementById("add").addEventListener("click", () => this.addNew());
    document.getElementById("reset").addEventListener("click", () => { localStorage.removeItem(STORE); location.reload(); });
    for (const who of this.restore()) this.put(who);
  }

  limit() { return Number(this.choice.value); }

  restore() {
    try { return JSON.parse(localStorage.getItem(STORE)) || DEMO; } catch { return DEMO; }
  }

  save() { localStorage.setItem(STORE, JSON.stringify(this.handsets.map((handset) => handset.who))); }

  put(who) {
    const handset = new Handset(this, { ...who });
    this.handsets.push(handset);
    document.getElementById("phones").append(handset.node);
    return handset;
  }

  addNew() {
    const last = this.handsets.at(-1)?.who.number || "+254711000000";
    const handset = this.put({ label: "Phone", number: `+${BigInt(last.slice(1)) + 1n}` });
    this.save();
    handset.find(".label").focus();
  }

  async remove(handset) {
    if (handset.call) await handset.drop();
    handset.node.remove();
    this.handsets = this.handsets.filter((one) => one !== handset);
    this.save();
  }

  trouble(words) { document.getElementById("trouble").textContent = words; }

  async listen() {
    try {
      const reply = await fetch(`/phone/air?after=${this.mark}`);
      if (!reply.ok) throw new Error(reply.status);
      const { texts, mark } = await reply.json();
      const first = this.mark === "0";
      this.mark = mark;
      for (const text of texts) this.arrived({ ...text, old: first });
      this.trouble("");
    } catch {
      this.trouble("The service does not answer at the moment. Trying again …");
    }
    setTimeout(() => this.listen(), document.hidden ? 5000 : 1000);
  }

  arrived(text) {
    for (const handset of this.handsets) if (handset.who.number === text.to) handset.receive(text);
    if (text.old) return;
    this.texts += 1;
    this.billed += segments(text.text);
    document.getElementById("bill-texts").textContent = this.texts;
    document.getElementById("bill-segments").textContent = this.billed;
    document.getElementById("bill-cost").textContent = `KES ${(this.billed * this.price).toFixed(2)}`;
  }
}

const page = new Page();
page.listen();
setInterval(() => page.handsets.forEach((handset) => handset.tick(Date.now())), 1000);
