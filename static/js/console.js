// Runs that are going on: the answer is streamed into its place, the trace keeps step.
// A run's place is <div data-run data-events data-turn data-after>, drawn by templates/runs/turn.html.

const ENDINGS = ["run.completed", "run.failed", "run.cancelled"];
const followed = new Set();

// ---- Following one run
function follow(exchange) {
  const { run, events, after } = exchange.dataset;
  if (followed.has(run)) return;
  // After a lost connection the browser asks for the rest by itself, with Last-Event-ID.
  const source = new EventSource(`${events}?after=${after}`);
  followed.add(run);
  const said = exchange.querySelector("[data-said]");
  const tell = (text) => (exchange.querySelector("[data-activity]").textContent = text);
  // A reload finds what was said so far already there; what follows belongs to its last text.
  let text = said.lastElementChild;

  const on = (type, act) => source.addEventListener(type, (event) => act(JSON.parse(event.data)));
  on("run.started", () => tell("Thinking…"));
  on("retrieval", (found) => {
    tell(found.passages.length ? `Read ${found.passages.length} passages…` : "Found no passages…");
    refreshTrace(run);
  });
  on("message.delta", (piece) => {
    const isAtEnd = isNearEnd();
    if (!text) text = said.appendChild(Object.assign(document.createElement("p"), { className: "plain-text" }));
    text.append(piece.text); // as text, never as HTML
    tell("");
    if (isAtEnd) scrollToEnd();
  });
  on("message.completed", () => (text = null));
  on("tool.started", (call) => {
    tell(`Calling ${call.tool}…`);
    refreshTrace(run);
  });
  on("tool.finished", () => {
    tell("Thinking…");
    refreshTrace(run);
  });
  on("access.ended", ({ detail }) => {
    source.close();
    tell(detail);
  });
  ENDINGS.forEach((type) => on(type, () => finish(exchange, source)));
  source.addEventListener("error", () => {
    // Closed means that the server has no more events; otherwise the browser is connecting again.
    if (source.readyState === EventSource.CLOSED) finish(exchange, source);
    else tell("The connection was lost. Connecting again…");
  });
}

function finish(exchange, source) {
  const { run, turn } = exchange.dataset;
  source.close();
  // What was streamed gives way to what the server kept: sanitised, with its citations.
  htmx.ajax("GET", turn, { target: exchange, swap: "outerHTML" });
  refreshTrace(run);
  document.querySelectorAll(`#run-status[data-run="${run}"]`).forEach((status) => htmx.trigger(status, "refresh"));
}

// ---- The trace: drawn by the server, at most twice a second
let waiting;
function refreshTrace(run) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const trace = document.getElementById("trace");
    if (trace?.dataset.run === run) htmx.trigger(trace, "refresh");
  }, 120);
}

let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "trace") return;
  opened = [...event.detail.target.querySelectorAll("details[open]")].map((step) => step.id);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "trace") return;
  opened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
});

// ---- The composer: Enter sends, Shift+Enter starts a line
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[data-composer]") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("[data-composer-form]") || !event.detail.successful) return;
  form.querySelector("[data-composer]").value = "";
  scrollToEnd();
});

function isNearEnd() {
  const { scrollHeight, scrollTop, clientHeight } = document.documentElement;
  return scrollHeight - scrollTop - clientHeight < 120;
}

function scrollToEnd() {
  const last = document.querySelector("#thread > .exchange:last-of-type");
  last?.scrollIntoView({ block: "end", behavior: "instant" });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-stop]")) event.target.closest(".turn").querySelector("[data-activity]").textContent = "Stopping…";
});

// ---- Begin with what is there, go on with what htmx brings
const followAll = () => document.querySelectorAll("[data-events]").forEach(follow);
document.addEventListener("htmx:load", followAll);
followAll();
if (document.querySelector("[data-console]")) scrollToEnd();
