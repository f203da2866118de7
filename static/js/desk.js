// The desk's keyboard. Lists: [data-keys-list] with [data-keys-item]; other controls: data-key="r". "?" shows the list.

const list = () => [...document.querySelectorAll("[data-keys-list] [data-keys-item]")];
let goTo = false;

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return void event.target.form?.requestSubmit();
  if (event.key === "Escape" && typing) return event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return undefined;
  if (press(event.key, event.target)) event.preventDefault();
  return undefined;
});

function press(key, target) {
  if (goTo) {
    goTo = false;
    if (key === "i") return void location.assign("/desk/");
  }
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  if (key === "x") return click(here()?.querySelector("input[type=checkbox]"));
  if (key === "Enter" && !target.closest("a, button, summary, input")) return click(here()?.querySelector("a"));
  if (key === "/") return focus(document.querySelector("[data-search]"));
  if (key === "?") return openKeys();
  if (key === "g") return (goTo = true);
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  return control ? use(control) : false;
}

function here() {
  return document.querySelector("[data-keys-item].is-here");
}

function move(step) {
  const items = list();
  if (!items.length) return false;
  const before = here();
  const next = items[Math.max(0, Math.min(items.length - 1, items.indexOf(before) + step))];
  before?.classList.remove("is-here");
  next.classList.add("is-here");
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function click(element) {
  element?.click();
  return Boolean(element);
}

function focus(element) {
  element?.focus();
  return Boolean(element);
}

function use(control) {
  return control.matches("textarea, input, select") ? focus(control) : click(control);
}

function openKeys() {
  document.getElementById("keys")?.showModal();
  return true;
}

// Ticking all, and how many are ticked.
document.addEventListener("change", (event) => {
  const all = event.target.dataset.selectAll;
  if (all) document.querySelectorAll(`input[name="${all}"]`).forEach((box) => (box.checked = event.target.checked));
  for (const counter of document.querySelectorAll("[data-count-selected]")) {
    counter.textContent = document.querySelectorAll(`input[name="${counter.dataset.countSelected}"]:checked`).length;
  }
});
