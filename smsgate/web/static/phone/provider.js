// Callbacks as Africa's Talking forms them, posted to the real hooks: smsgate/handsets.py in the browser.
const PATIENCE = 10000; // ms that the provider waits for an answer
const FREE = "KES 0.0000";

const stamp = () => new Date().toISOString().slice(0, 19).replace("T", " ");
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What stands behind the service's own code in a dialled one; null when it is another service's. */
export function deeper(dialled, code) {
  const base = code.slice(0, -1), rest = dialled.slice(base.length, -1);
  const ours = dialled.startsWith(base) && dialled.endsWith("#") && (rest === "" || rest.startsWith("*"));
  return ours ? rest.slice(1) : null;
}

export class Provider {
  constructor({ hooks, code, to }, who, traced) { Object.assign(this, { hooks, code, to, who, traced }); }

  async post(path, form) {
    const began = performance.now();
    let status = 0, body = "";
    try {
      const reply = await fetch(this.hooks + path, { method: "POST", body: new URLSearchParams(form), signal: AbortSignal.timeout(PATIENCE) });
      [status, body] = [reply.status, await reply.text()];
    } catch (error) {
      body = error.name === "TimeoutError" ? "no answer within 10 s" : "no connection";
    }
    this.traced({ path, form, status, body, took: Math.round(performance.now() - began) });
    return { status, body };
  }

  begin(behind) {
    return { id: `ATUid_${random()}`, typed: behind ? [behind] : [], hops: 0, began: Date.now(), last: "" };
  }

  /** One turn; every one repeats all that was typed. The answer's kind is CON, END or nothing that an operator shows. */
  async turn(call) {
    const { status, body } = await this.post("ussd", {
      sessionId: call.id, phoneNumber: this.who.number, networkCode: this.who.network, serviceCode: this.code, text: call.typed.join("*"),
    });
    call.hops += 1;
    call.last = body;
    const kind = body.slice(0, 4);
    return status === 200 && (kind === "CON " || kind === "END ") ? { kind: kind.trim(), words: body.slice(4) } : { kind: "", words: "" };
  }

  end(call, status) {
    return this.post("ussd/end", {
      date: stamp(), sessionId: call.id, serviceCode: this.code, networkCode: this.who.network, phoneNumber: this.who.number, status,
      cost: FREE, durationInMillis: String(Date.now() - call.began), hopsCount: String(call.hops), input: call.typed.join("*"),
      lastAppResponse: call.last,
    });
  }

  text(words) {
    return this.post("sms", {
      date: stamp(), from: this.who.number, id: random(), linkId: "", text: words, to: this.to, cost: FREE, networkCode: this.who.network,
    });
  }

  /** A call to the service's number: rung once, then over. */
  async ring() {
    const id = `ATVId_${random()}`;
    for (const isActive of ["1", "0"]) {
      await this.post("voice", { sessionId: id, direction: "Inbound", destinationNumber: this.to, callerNumber: this.who.number, isActive });
    }
  }

  report(id, status) {
    return this.post("delivery", { id, status, phoneNumber: this.who.number, networkCode: this.who.network, retryCount: "0" });
  }
}
