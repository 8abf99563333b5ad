// Listens to the texts on the air: each second while somebody looks, seldom when nobody does or nothing answers.
const SECOND = 1000;
const UNSEEN = 8 * SECOND;
const LONGEST = 15 * SECOND;

export class Air {
  constructor(address, mark, hear, trouble) {
    Object.assign(this, { address, mark, hear, trouble, failures: 0, first: true });
    document.addEventListener("visibilitychange", () => document.hidden || this.listen());
    this.listen();
  }

  async listen() {
    clearTimeout(this.next);
    if (this.listening) return;
    this.listening = true;
    try {
      await this.look();
    } finally {
      this.listening = false;
      this.next = setTimeout(() => this.listen(), this.pause());
    }
  }

  async look() {
    let news;
    try {
      const reply = await fetch(`${this.address}?after=${encodeURIComponent(this.mark)}`, { signal: AbortSignal.timeout(UNSEEN) });
      if (!reply.ok) throw new Error(String(reply.status));
      news = await reply.json();
    } catch {
      this.failures += 1;
      this.trouble("The service does not answer at the moment. Nothing is lost; trying again …");
      return;
    }
    if (this.failures) this.trouble("");
    this.failures = 0;
    this.mark = news.mark;
    await this.hear(news.texts, this.first);
    this.first = false;
  }

  pause() {
    if (this.failures) return Math.min(SECOND * 2 ** this.failures, LONGEST);
    return document.hidden ? UNSEEN : SECOND;
  }
}
