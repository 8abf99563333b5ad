// Forms callbacks as Africa's Talking does and posts them to the real hooks.
const NETWORK = "63902";
const stamp = () => new Date().toISOString().slice(0, 19).replace("T", " ");
const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export class Provider {
  constructor(hooks, code, traced) { Object.assign(this, { hooks, code, traced }); }

  async post(path, form) {
    let status = 0, body = "";
    try {
      const reply = await fetch(this.hooks + path, { method: "POST", body: new URLSearchParams(form) });
      status = reply.status;
      body = await reply.text();
    } catch (error) {
      body = String(error);
    }
    this.traced(path, form, status, body);
    return { status, body };
  }

  // A call: what was typed is joined by *, and every turn repeats all of it.
  begin(number, dialled) {
    const base = this.code.replace(/#$/, "");
    const deeper = dialled.replace(/#$/, "").replace(base, "").replace(/^\*/, "");
    return { sessionId: `ATUid_${id()}`, number, typed: deeper ? [deeper] : [], hops: 0, begun: Date.now(), last: "" };
  }

  async turn(call) {
    const { status, body } = await this.post("ussd", {
      sessionId: call.sessionId, phoneNumber: call.number, networkCode: NETWORK, serviceCode: this.code, text: call.typed.join("*"),
    });
    call.hops += 1;
    const kind = body.slice(0, 4);
    if (status !== 200 || (kind !== "CON " && kind !== "END ")) return { kind: "BROKEN", text: "Connection problem or invalid MMI code." };
    call.last = body.slice(4);
    return { kind: kind.trim(), text: call.last };
  }

  end(call, status) {
    return this.post("ussd/end", {
      date: stamp(), sessionId: call.sessionId, serviceCode: this.code, networkCode: NETWORK, phoneNumber: call.number, status,
      cost: "KES 0.0000", durationInMillis: String(Date.now() - call.begun), hopsCount: String(call.hops), input: call.typed.join("*"),
      lastAppResponse: call.last,
    });
  }

  text(number, words) {
    return this.post("sms", { date: stamp(), from: number, id: id(), linkId: "", text: words, to: "22384", cost: "KES 0.0000", networkCode: NETWORK });
  }

  report(number, textId, status) {
    return this.post("delivery", { id: textId, status, phoneNumber: number, networkCode: NETWORK, retryCount: "0" });
  }
}
