// What was posted for one phone, newest first, for whoever builds on the hooks.
const KEPT = 12;

export function tracing(list) {
  return ({ path, form, status, body, took }) => {
    const item = document.createElement("li");
    const asked = Object.entries(form).map(([key, value]) => `${key}=${value}`).join("\n");
    const words = [["b", `POST …/${path}`], ["pre", asked], ["b", `${status || "none"} · ${took} ms`], ["pre", body]];
    item.append(...words.filter(([, text]) => text).map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
    list.prepend(item);
    while (list.children.length > KEPT) list.lastElementChild.remove();
  };
}
