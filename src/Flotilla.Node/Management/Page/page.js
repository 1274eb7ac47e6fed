"use strict";
const at = id => document.getElementById(id);
const history = { done: [], running: [], queued: [] };
const keepPoints = 120;
let last = null;
let busy = false;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function get(path, method = "GET", secret = sessionStorage.getItem("secret")) {
  return fetch(path, { method, headers: secret ? { Authorization: "Bearer " + secret } : {} });
}

async function ask(path, method = "GET") {
  const answer = await get(path, method);
  if (answer.status === 401) { await learnAccess(); at("door").hidden = false; throw new Error("secret needed"); }
  if (!answer.ok) throw Object.assign(new Error((await answer.json().catch(() => ({}))).error || answer.status), { status: answer.status });
  return answer.status === 204 ? null : answer.json();
}

const number = value => value >= 1e6 ? (value / 1e6).toFixed(1) + " M" : value >= 1e4 ? (value / 1e3).toFixed(1) + " k" : String(Math.round(value));
const bytes = value => { let unit = 0; while (value >= 1024 && unit < 4) { value /= 1024; unit++; } return value.toFixed(unit ? 1 : 0) + " " + ["B", "KiB", "MiB", "GiB", "TiB"][unit]; };
function span(ms) {
  const s = Math.floor(ms / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}

function line(points) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const top = Math.max(1, ...points);
  const drawn = document.createElementNS(svg.namespaceURI, "polyline");
  svg.setAttribute("viewBox", `0 0 ${keepPoints} 20`);
  svg.setAttribute("preserveAspectRatio", "none");
  drawn.setAttribute("points", points.map((value, i) => `${keepPoints - points.length + i},${19 - 18 * value / top}`).join(" "));
  svg.append(drawn);
  return svg;
}

function card(label, value, points) {
  const made = element("div", "card");
  made.append(element("b", "", value), element("span", "", label));
  if (points) made.append(line(points));
  return made;
}

function remember(points, value) { points.push(value); if (points.length > keepPoints) points.shift(); }

function showServer(server, functions, now) {
  const counters = server.counters || {};
  const ended = (counters.completed || 0) + (counters.failed || 0);
  const rate = last && now > last.now ? Math.max(0, (ended - last.ended) * 1000 / (now - last.now)) : 0;
  const queued = functions.reduce((sum, one) => sum + one.queuedHigh + one.queuedNormal + one.queuedLow, 0);
  if (last) { remember(history.done, rate); remember(history.running, server.running); remember(history.queued, queued); }
  last = { now, ended };
  at("about").textContent = `version ${server.version}, up ${span(server.uptimeMs)}`;
  at("state").textContent = server.draining ? "draining" : "serving";
  at("state").className = "pill " + (server.draining ? "warn" : "good");
  at("cards").replaceChildren(
    card("jobs ended per second", number(rate), history.done),
    card("queued", number(queued), history.queued),
    card("running", number(server.running), history.running),
    card("workers", number(server.workers)),
    card("connections", number(server.connections)),
    card("job memory", bytes(server.memoryBytes)));
}

function queueCell(one, longest) {
  const cell = element("td", "wide", number(one.queuedHigh + one.queuedNormal + one.queuedLow));
  const bar = element("div", "bar");
  for (const [kind, count] of [["high", one.queuedHigh], ["normal", one.queuedNormal], ["low", one.queuedLow]]) {
    const part = element("i", kind);
    part.style.width = 100 * count / longest + "%";
    part.title = `${kind}: ${count}`;
    bar.append(part);
  }
  cell.append(bar);
  return cell;
}

function showFunctions(functions) {
  const longest = Math.max(1, ...functions.map(one => one.queuedHigh + one.queuedNormal + one.queuedLow));
  at("functions").replaceChildren(...functions.map(one => {
    const row = element("tr");
    const state = element("td");
    const waits = one.queuedHigh + one.queuedNormal + one.queuedLow > 0 && one.workers === 0;
    state.append(element("span", "pill " + (one.paused || one.draining ? "warn" : waits ? "bad" : "good"),
      one.paused ? "paused" : one.draining ? "draining" : waits ? "no workers" : "open"));
    const action = element("td");
    const verb = one.paused || one.draining ? "resume" : "pause";
    const button = element("button", "act", verb);
    button.addEventListener("click", async () => {
      try { await ask(`/functions/${encodeURIComponent(one.name)}/${verb}`, "POST"); } catch (e) { alert(e.message); }
      refresh();
    });
    action.append(button);
    const name = element("td", "name", one.name);
    name.title = one.name;
    row.append(name, queueCell(one, longest), element("td", "", number(one.running)), element("td", "", number(one.delayed)),
      element("td", one.dead ? "alarm" : "", number(one.dead)), element("td", "", number(one.workers)), state, action);
    return row;
  }));
  at("no-functions").hidden = functions.length > 0;
}

function showWorkers(workers) {
  at("workers").replaceChildren(...workers.slice(0, 500).map(one => {
    const row = element("tr");
    row.append(element("td", "name", one.id), element("td", "", one.address), element("td", "list", one.functions.join(", ")));
    return row;
  }));
  at("no-workers").hidden = workers.length > 0;
}

async function refresh() {
  if (busy || document.hidden) return;
  busy = true;
  try {
    const [server, functions, workers] = await Promise.all([ask("/server"), ask("/functions"), ask("/workers")]);
    functions.sort((one, other) => one.name < other.name ? -1 : 1);
    showServer(server, functions, performance.now());
    showFunctions(functions);
    showWorkers(workers.workers);
  } catch (e) {
    at("state").textContent = e.message;
    at("state").className = "pill bad";
  } finally { busy = false; }
}

// Actions are offered to whoever may carry them out; the node asks for the secret again with each.
function showAccess(access) {
  document.body.classList.toggle("watching", !access.mayAct);
  at("sign-in").hidden = access.mayAct || !access.mayRead;
  at("sign-out").hidden = !access.mayAct || !access.needsSecret;
  if (access.mayAct) at("door").hidden = true;
  else if (!access.mayRead) at("door").hidden = false;
}

async function learnAccess() {
  const answer = await get("/access");
  if (answer.ok) showAccess(await answer.json());
}

async function signIn(secret) {
  const answer = await get("/access", "GET", secret);
  const access = answer.ok ? await answer.json() : { mayAct: false };
  at("wrong").textContent = access.mayAct ? "" : answer.ok ? "this secret is wrong" : `no answer: ${answer.status}`;
  if (!access.mayAct) return;
  sessionStorage.setItem("secret", secret);
  showAccess(access);
  refresh();
}

at("door").addEventListener("submit", event => {
  event.preventDefault();
  const secret = at("secret").value;
  at("secret").value = "";
  signIn(secret).catch(e => { at("wrong").textContent = e.message; });
});
at("sign-in").addEventListener("click", () => { at("door").hidden = false; at("secret").focus(); });
at("sign-out").addEventListener("click", () => { sessionStorage.removeItem("secret"); location.reload(); });
learnAccess().catch(() => {});
refresh();
setInterval(refresh, 1000);
