// On a narrow screen one phone is shown at a time; these buttons choose which.
export class Tabs {
  constructor(node, phones) { Object.assign(this, { node, phones, current: null }); }

  show(handset) {
    this.current = handset;
    this.draw();
  }

  draw() {
    const phones = this.phones();
    if (!phones.includes(this.current)) this.current = phones[0];
    while (this.node.children.length > phones.length) this.node.lastElementChild.remove();
    while (this.node.children.length < phones.length) this.node.append(this.button());
    phones.forEach((handset, place) => this.fit(this.node.children[place], handset));
  }

  button() {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.addEventListener("click", () => this.show(this.phones()[[...this.node.children].indexOf(button)]));
    return button;
  }

  fit(button, handset) {
    const { label } = handset.who, { unread } = handset.inbox || {};
    const words = unread ? `${label} · ${unread} new` : label;
    if (button.textContent !== words) button.textContent = words;
    button.setAttribute("aria-pressed", String(handset === this.current));
    handset.node.classList.toggle("current", handset === this.current);
  }
}
