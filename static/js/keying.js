// Keying by keyboard alone: Enter goes from the serial to the marks and from there sends; what is typed shows on the list.

const SIGNS = ["0", "?", "/", "#"];
const keying = () => document.querySelector("[data-keying]");
const input = (name) => keying()?.elements[name];

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== input("serial") || input("choices").value) return;
  event.preventDefault();
  input("choices").focus();
});

document.addEventListener("input", (event) => {
  if (event.target === input("choices")) show(event.target.value);
});

function show(typed) {
  const text = typed.normalize("NFKC").toUpperCase();
  const marked = SIGNS.includes(text.trim()) ? [] : (text.match(/\d+|\p{L}/gu) ?? []);
  for (const line of document.querySelectorAll("[data-key-of]")) {
    const { keyOf, number } = line.dataset;
    line.classList.toggle("is-marked", marked.includes(keyOf) || marked.includes(number));
  }
}

function ready() {
  if (!keying()) return;
  const wrong = keying().querySelector("[aria-invalid]");
  const field = wrong ?? (input("serial").value ? input("choices") : input("serial"));
  field.focus();
  field.select?.();
  show(input("choices").value);
}

document.addEventListener("htmx:afterSwap", ready); // not afterSettle: that is 20 ms in which a fast clerk types into nothing
ready();
