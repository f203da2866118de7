// How many are chosen, while choosing. The server counts again; without scripts it is the only one that counts.

const form = document.querySelector("[data-ballot]");
const line = form.querySelector("[data-count]");
const [least, most] = [Number(form.dataset.min), Number(form.dataset.max)];

function count() {
  const chosen = form.querySelectorAll("input[name=choices]:checked").length;
  const { none, fewer, enough, more } = line.dataset;
  const words = chosen === 0 ? none : chosen < least ? fewer : chosen > most ? more : enough;
  const distance = chosen < least ? least - chosen : chosen - most;
  line.textContent = words.replace("{n}", chosen).replace("{m}", distance);
  line.classList.toggle("ballot__count--right", chosen >= least && chosen <= most);
  line.classList.toggle("ballot__count--over", chosen > most);
}

form.addEventListener("change", count);
addEventListener("pageshow", count); // choices that the browser remembers when one comes back
