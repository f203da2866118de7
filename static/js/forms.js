// Help while writing: a counter, a warning before unsaved words are left, no double sending, a look at the chosen files.

const words = document.getElementById("words")?.dataset ?? {};

help(document);
document.addEventListener("htmx:load", ({ detail }) => detail.elt !== document.body && help(detail.elt));

function help(part) {
  part.querySelectorAll("textarea[maxlength], textarea[data-limit]").forEach(count);
  part.querySelectorAll("form[data-unsaved]").forEach(warnUnsaved);
  part.querySelectorAll("[data-files]").forEach(previewFiles);
}

// The limit is shown, not enforced while typing: a paste must not be cut silently.
function count(area) {
  const limit = Number(area.dataset.limit ?? area.maxLength);
  area.removeAttribute("maxlength");
  const line = document.createElement("p");
  line.className = "counter";
  area.after(line);
  const live = document.createElement("span");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  line.after(live);
  let timer;
  const update = () => {
    const left = limit - [...area.value].length;
    line.textContent = (left < 0 ? words.over : words.left).replace("{n}", Math.abs(left).toLocaleString());
    line.classList.toggle("counter--over", left < 0);
    clearTimeout(timer);
    timer = setTimeout(() => (live.textContent = left < limit * 0.1 ? line.textContent : ""), 1500);
  };
  area.addEventListener("input", update);
  update();
}

function warnUnsaved(form) {
  let dirty = false;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", () => (dirty = false));
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

// A question first, then one sending only. The pressed button's name and value still go along: it is disabled afterwards.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (submitter?.dataset.confirm && !confirm(submitter.dataset.confirm)) return event.preventDefault();
  if (!("guard" in form.dataset)) return undefined;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => showSending(form, submitter));
  return undefined;
});

function showSending(form, submitter) {
  const label = submitter?.querySelector("span");
  if (!label) return;
  submitter.dataset.label = label.textContent;
  label.textContent = words.sending;
  submitter.setAttribute("aria-disabled", "true");
}

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("[data-label]");
    if (!button) continue;
    button.querySelector("span").textContent = button.dataset.label;
    button.removeAttribute("aria-disabled");
  }
});

function previewFiles(box) {
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-file-list]");
  const limit = Number(input.dataset.maxBytes || 0);
  input.addEventListener("change", async () => {
    draw();
    const chosen = [...input.files];
    const small = [];
    for (const file of chosen) small.push(await smaller(file)); // one after the other: a cheap phone has little memory
    const meanwhile = chosen.some((file, place) => file !== input.files[place]);
    if (meanwhile || small.every((file, place) => file === chosen[place])) return;
    hold(small);
    draw();
  });
  function hold(files) {
    const held = new DataTransfer();
    files.forEach((file) => held.items.add(file));
    input.files = held.files;
  }
  function draw() {
    list.replaceChildren(...[...input.files].map((file, index) => line(file, index)));
    list.hidden = !input.files.length;
  }
  function line(file, index) {
    const item = document.createElement("li");
    if (file.type.startsWith("image/")) {
      const image = new Image();
      image.alt = "";
      image.src = URL.createObjectURL(file);
      image.onload = () => URL.revokeObjectURL(image.src);
      item.append(image);
    }
    const name = document.createElement("span");
    const size = `${(file.size / 1048576).toFixed(1)} MB`;
    name.textContent = limit && file.size > limit ? `${file.name} ${size}: ${words.tooBig}` : `${file.name} ${size}`;
    const out = document.createElement("button");
    out.type = "button";
    out.className = "button button--quiet";
    out.textContent = list.dataset.remove;
    out.addEventListener("click", () => {
      hold([...input.files].filter((_other, place) => place !== index));
      draw();
    });
    item.append(name, out);
    return item;
  }
}

// A photo goes out as large as we keep it and no larger (core/pictures.py): on a slow line that is a minute less. A long
// screenshot stays wide enough to read. What cannot be drawn goes as it is.
const LONG_SIDE = 2560, SHORT_SIDE = 1280;
async function smaller(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 1.5 * 1048576) return file;
  try {
    const photo = await createImageBitmap(file);
    const fits = [LONG_SIDE / Math.max(photo.width, photo.height), SHORT_SIDE / Math.min(photo.width, photo.height)];
    const scale = Math.min(1, Math.max(...fits));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(photo.width * scale);
    canvas.height = Math.round(photo.height * scale);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(photo, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}
