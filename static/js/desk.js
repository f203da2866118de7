// The desk's keyboard. Lists: [data-keys-list] with [data-keys-item], whose data-line-a="/address/" is where "a" leads;
// other controls: data-key="r". "?" shows the list. A key never sends anything by itself: it moves the focus, or opens.

const OFF = "desk-keys-off";
const list = () => [...document.querySelectorAll("[data-keys-list] [data-keys-item]")];
const here = () => document.querySelector("[data-keys-item].is-here");
let goTo = false;
let off = remembered();

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return void event.target.form?.requestSubmit();
  if (event.key === "Escape" && typing) return event.target.blur();
  if (off || typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (document.querySelector("dialog[open]")) return undefined;
  if (press(event.key, event.target)) event.preventDefault();
  return undefined;
});

function press(key, target) {
  if (goTo) {
    goTo = false;
    if (key === "i") return go("/desk/");
  }
  if (key === "j") return move(1);
  if (key === "k") return move(-1);
  if (key === "x") return click(here()?.querySelector("input[type=checkbox]"));
  if (key === "o") return click(here()?.querySelector("a"));
  if (key === "Enter") return !target.closest("a, button, summary, input") && click(here()?.querySelector("a"));
  if (key === "/") return focus(document.querySelector("[data-search]"));
  if (key === "?") return openKeys();
  if (key === "g") return (goTo = true);
  const address = here()?.getAttribute(`data-line-${key}`);
  if (address && !document.querySelector("[data-keys-item] input:checked")) return go(address);
  return use(document.querySelector(`[data-key="${CSS.escape(key)}"]`));
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

function go(address) {
  location.assign(address);
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
  return control?.matches("a, button[type=button]") ? click(control) : focus(control);
}

function openKeys() {
  document.getElementById("keys")?.showModal();
  return true;
}

// Keys of one letter can be in the way of speech input or a screen reader: they can be switched off, on this device.
function remembered() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

const toggle = document.querySelector("[data-keys-on]");
if (toggle) {
  toggle.checked = !off;
  toggle.addEventListener("change", () => {
    off = !toggle.checked;
    try {
      localStorage.setItem(OFF, off ? "1" : "0");
    } catch {
      // storage is switched off: then it holds for this page
    }
  });
}

// Ticking all, and how many are ticked.
document.addEventListener("change", (event) => {
  const all = event.target.dataset.selectAll;
  if (all) document.querySelectorAll(`input[name="${all}"]`).forEach((box) => (box.checked = event.target.checked));
  for (const counter of document.querySelectorAll("[data-count-selected]")) {
    counter.textContent = document.querySelectorAll(`input[name="${counter.dataset.countSelected}"]:checked`).length;
  }
});

// A saved text goes in where the cursor stands; without scripts the server puts it behind what was typed.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  const area = button && document.getElementById(button.dataset.insert);
  const chosen = button?.closest("form").elements.saved_text?.selectedOptions[0];
  if (!area || !chosen) return;
  event.preventDefault();
  area.focus();
  area.setRangeText(chosen.dataset.text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
});
