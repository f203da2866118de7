// What any page may have: copying, printing, dialogs, preferences without a reload, reading aloud, the offline line.
// Nothing here is needed: every page works without scripts.

const words = document.getElementById("words")?.dataset ?? {};
const root = document.documentElement;

for (const control of document.querySelectorAll(".needs-js")) control.hidden = false;

document.addEventListener("click", async (event) => {
  const hit = (selector) => event.target.closest?.(selector);
  const copy = hit("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).textContent.trim());
    say(copy, words.copied);
  }
  if (hit("[data-print]")) print();
  const opener = hit("[data-open-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.openDialog)?.showModal();
  }
  const closer = hit("[data-close-dialog]");
  if (closer?.closest("dialog")?.open) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  if (event.target.matches?.("dialog[open]")) event.target.close(); // a click on the backdrop
});

function say(button, text) {
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = text;
  label.setAttribute("role", "status");
  setTimeout(() => (label.textContent = before), 2500);
}

// Large print and theme: remembered by the server, shown at once, and nothing typed on the page is lost.
const NEXT_THEME = { auto: "dark", dark: "light", light: "auto" };
for (const form of document.querySelectorAll("form[data-preference]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" });
    if (form.dataset.preference === "elder") {
      const on = root.toggleAttribute("data-elder");
      button.value = on ? "0" : "1";
      offerReading();
    } else {
      root.dataset.theme = button.value;
      button.value = NEXT_THEME[button.value];
    }
  });
}

// Reading aloud, in large print only.
const reader = document.querySelector("[data-read]");
function offerReading() {
  if (reader && "speechSynthesis" in window) reader.hidden = !root.hasAttribute("data-elder");
}
if (reader) {
  const label = reader.querySelector("span");
  const start = label.textContent;
  const stop = () => {
    speechSynthesis.cancel();
    label.textContent = start;
  };
  reader.addEventListener("click", () => {
    if (label.textContent !== start) return stop();
    const speech = new SpeechSynthesisUtterance(document.querySelector(reader.dataset.read).innerText);
    speech.lang = root.lang === "en" ? "en" : "zh-CN";
    speech.rate = 0.9;
    speech.onend = stop;
    label.textContent = reader.dataset.stop;
    speechSynthesis.speak(speech);
  });
  offerReading();
}

const offline = document.getElementById("offline");
function showConnection() {
  offline.hidden = navigator.onLine;
  offline.textContent = navigator.onLine ? "" : words.offline;
}
if (offline) {
  addEventListener("offline", showConnection);
  addEventListener("online", showConnection);
}

// A tracking code in the address (#ABCD-…, as in the QR code) never reaches the server's log.
const code = document.querySelector("[data-prefill-code]");
if (code && !code.value && location.hash.length > 5) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
}

document.querySelector("[data-focus]")?.focus();
