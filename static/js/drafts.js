// What was typed into a form survives a reload: kept in this tab until the form is saved.
// Applies to every form.form; passwords, secrets, files and hidden fields are never kept, but for
// how many rows a [data-rows] has: the server draws those that are missing.

const SENT = "draft-sent";

const isKept = (field) => field.name.endsWith("-TOTAL_FORMS") || !field.matches("[type=hidden], [type=password], [type=file], [data-secret], [data-find], button");
const fields = (form) => [...form.elements].filter((field) => field.name && isKept(field));

function read(form) {
  const values = {};
  for (const field of fields(form)) {
    values[field.name] ??= [];
    if (field.matches("[type=checkbox], [type=radio]")) {
      if (field.checked) values[field.name].push(field.value);
    } else if (field.multiple) values[field.name].push(...[...field.selectedOptions].map((option) => option.value));
    else values[field.name].push(field.value);
  }
  return values;
}

function write(form, values) {
  const seen = {};
  for (const field of fields(form)) {
    const kept = values[field.name];
    if (!kept || field.type === "hidden") continue;
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = kept.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = kept.includes(option.value);
    else field.value = kept[(seen[field.name] = (seen[field.name] ?? -1) + 1)] ?? field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

// Rows as many as the draft has. The server adds one to those that are sent, with all that belongs to a row.
async function redraw(form, values) {
  const rows = form.querySelector("[data-rows]");
  const total = rows && `${rows.dataset.rows}-TOTAL_FORMS`;
  if (!values[total] || values[total][0] === form.elements[total].value) return;
  const sent = new FormData(form);
  for (const [name, [value]] of Object.entries(values)) if (value !== undefined) sent.set(name, value);
  sent.set(total, Math.max(0, values[total][0] - 1));
  const answer = await fetch(rows.dataset.rowsUrl, { method: "POST", headers: { "HX-Request": "true" }, body: sent }).catch(() => null);
  if (answer?.ok) put(rows, await answer.text());
}

// What was chosen of rows that are found by typing, and is not among those that the page has drawn.
async function redrawChoices(form, values, list) {
  const name = list.dataset.choices;
  const kept = values[name] ?? [];
  if (kept.every((value) => list.querySelector(`[value="${CSS.escape(value)}"]`))) return;
  const sent = new FormData(form);
  sent.delete(name);
  kept.forEach((value) => sent.append(name, value));
  const answer = await fetch(list.dataset.choicesUrl, { method: "POST", headers: { "HX-Request": "true" }, body: sent }).catch(() => null);
  if (!answer?.ok) return;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(list.id);
  if (drawn) list.replaceChildren(...drawn.childNodes);
}

function put(rows, drawn) {
  rows.innerHTML = drawn;
  window.htmx?.process(rows);
}

function tell(form, key, original, drawn, choices) {
  const note = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    if (drawn !== undefined) put(form.querySelector("[data-rows]"), drawn);
    for (const [list, html] of choices) list.innerHTML = html;
    write(form, original);
    sessionStorage.removeItem(key);
    note.remove();
  });
  form.prepend(note);
}

async function restore(form, key, original, values) {
  const drawn = form.querySelector("[data-rows]")?.innerHTML;
  const choices = [...form.querySelectorAll("[data-choices]")].map((list) => [list, list.innerHTML]);
  await redraw(form, values);
  for (const [list] of choices) await redrawChoices(form, values, list);
  write(form, values);
  tell(form, key, original, drawn, choices);
}

const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);

document.querySelectorAll("form.form[method=post]").forEach((form, index) => {
  const key = `draft:${location.pathname}:${form.id || index}`;
  const wasRefused = Boolean(form.querySelector(".summary"));
  // Leaving by a submit saved the form, unless the same form came back with errors.
  if (sent === key && !wasRefused) sessionStorage.removeItem(key);
  const original = read(form);
  const draft = sessionStorage.getItem(key);
  if (draft && !wasRefused && draft !== JSON.stringify(original)) {
    restore(form, key, original, JSON.parse(draft));
  }
  const keep = () => sessionStorage.setItem(key, JSON.stringify(read(form)));
  for (const happening of ["input", "change", "htmx:afterSwap"]) form.addEventListener(happening, keep);
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, key));
});
// Saving leads elsewhere, where the form is not: its draft is done with.
if (sent && !document.querySelector(".summary")) sessionStorage.removeItem(sent);
