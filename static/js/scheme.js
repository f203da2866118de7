// The sum of the weights while they are typed. The server checks it again, so the form works without this.
for (const form of document.querySelectorAll("form[data-scheme]")) {
  const fields = [...form.querySelectorAll("[data-weight]")];
  const sum = (chosen) => chosen.reduce((total, field) => total + (Number.parseInt(field.value, 10) || 0), 0);
  const show = () => {
    const whole = sum(fields);
    const publics = sum(fields.filter((field) => field.dataset.weight === "public"));
    form.querySelector("[data-sum=whole]").value = whole;
    form.querySelector("[data-sum=public]").value = publics;
    const right = whole === Number(form.dataset.whole) && publics >= Number(form.dataset.least);
    form.querySelector("[data-right]").hidden = !right;
  };
  form.addEventListener("input", show);
  show();
}
