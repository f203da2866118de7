// What somebody writes is kept on this device, for a broken line or a closed page: for a day at most, until it is sent,
// cleared or signed out of; never what says who somebody is, and nothing where staff work, whose computers are shared.

const DAY = 24 * 60 * 60 * 1000;
const PREFIX = "draft:";
const words = document.getElementById("words")?.dataset ?? {};

tidy();
forgetWhatArrived();
addEventListener("load", () => document.querySelectorAll("form[data-draft]").forEach(keep)); // once htmx sees what changes
document.addEventListener("submit", ({ target }) => {
  if (target.action?.endsWith("/accounts/logout/")) tidy(0);
  if (target.dataset.draft) remember("sent", target.dataset.draft);
});

// Storage may be switched off, full or forbidden: then there are no drafts, and nobody is kept from writing.
function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function remember(key, value) {
  attempt(() => sessionStorage.setItem(key, value));
}

function read(key) {
  return attempt(() => JSON.parse(localStorage.getItem(key))) ?? {};
}

function forget(name) {
  attempt(() => localStorage.removeItem(PREFIX + name));
}

function tidy(days = document.documentElement.dataset.room === "desk" ? 0 : 1) {
  const keys = attempt(() => Object.keys(localStorage)) ?? [];
  for (const key of keys.filter((one) => one.startsWith(PREFIX))) {
    if (!(read(key).at > Date.now() - days * DAY)) attempt(() => localStorage.removeItem(key));
  }
}

// What was sent is forgotten when the next page says that it was done, not before: an error page must not cost the words.
function forgetWhatArrived() {
  const sent = attempt(() => sessionStorage.getItem("sent"));
  if (sent && document.querySelector("#messages .notice--done, [data-draft-done]")) forget(sent);
  attempt(() => sessionStorage.removeItem("sent"));
}

function keep(form) {
  const note = draftNote(form);
  const { values = {} } = read(PREFIX + form.dataset.draft);
  const untouched = fields(form).every((field) => isBox(field) || field.tagName === "SELECT" || field.value === field.defaultValue);
  const answered = form.querySelector("[aria-invalid]"); // the server sent back what was typed: newer than ours
  if (untouched && !answered && restore(form, values)) note.show(words.restored);
  const save = () => (write(form) ? note.show(words.kept) : note.hide());
  form.addEventListener("input", save);
  form.addEventListener("change", save);
}

function fields(form) {
  const never = ["hidden", "password", "file", "submit", "button", "search"];
  return [...form.elements].filter((field) => field.name && !never.includes(field.type) && !("private" in field.dataset));
}

function isBox(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function nameOf(field) {
  return isBox(field) ? `${field.name}=${field.value}` : field.name;
}

function write(form) {
  const kept = fields(form).filter((field) => (isBox(field) ? field.checked !== field.defaultChecked : field.value));
  if (!kept.some((field) => field.tagName !== "SELECT")) return forget(form.dataset.draft);
  const values = Object.fromEntries(kept.map((field) => [nameOf(field), isBox(field) ? field.checked : field.value]));
  return attempt(() => localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), values })) ?? true);
}

function restore(form, values) {
  const changed = fields(form).filter((field) => {
    const value = values[nameOf(field)];
    if (value === undefined || value === (isBox(field) ? field.checked : field.value)) return false;
    if (isBox(field)) field.checked = value;
    else field.value = value;
    return true;
  });
  changed.forEach(tellInput);
  return changed.length;
}

function tellInput(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function clear(form) {
  for (const field of fields(form)) {
    if (isBox(field)) field.checked = field.defaultChecked;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = "";
  }
  fields(form).forEach(tellInput);
  forget(form.dataset.draft);
}

// Says below the words that they are kept, and takes them away again.
function draftNote(form) {
  const area = form.querySelector("textarea");
  const note = document.createElement("div");
  note.className = "draft-note";
  note.hidden = true;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet";
  button.textContent = words.clear;
  button.addEventListener("click", () => {
    clear(form);
    note.hidden = true;
    area?.focus();
  });
  note.append(said, button);
  area?.parentElement.append(note);
  return {
    show(what) {
      if (!note.hidden) return;
      note.hidden = false;
      said.textContent = what;
    },
    hide() {
      note.hidden = true;
    },
  };
}
