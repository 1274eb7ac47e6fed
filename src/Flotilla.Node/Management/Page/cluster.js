"use strict";
const box = { width: 208, height: 96, gap: 34, rise: 96, perRow: 5 };
let shownTopology = null;

function drawn(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const isLate = member => member.lagSeconds !== null && member.lagSeconds >= 10;
const mood = member => member.isInMaintenance ? "warn" : member.status === "up" ? (member.error || isLate(member) ? "warn" : "good")
  : member.status === "starting" || member.status === "stopping" || member.status === "standby" ? "warn" : "bad";
const cut = (text, length) => text.length > length ? text.slice(0, length - 1) + "\u2026" : text;
const lagText = member => member.lagSeconds === null ? "lag unknown" : member.lagSeconds === 0 ? "no lag" : `${member.lagSeconds} s behind`;

function server(member, x, y) {
  const group = drawn("g", { class: `server ${member.role} ${mood(member)}`, transform: `translate(${x} ${y})` });
  group.append(
    drawn("title", {}, `${member.name}: ${member.role}, ${member.status}${member.error ? ", " + member.error : ""}`),
    drawn("rect", { width: box.width, height: box.height, rx: 10 }),
    drawn("circle", { cx: 18, cy: 21, r: 5, class: "lamp" }),
    drawn("text", { x: 32, y: 26, class: "name" }, cut(member.name, 22)),
    drawn("text", { x: 14, y: 47 }, cut(`${member.host}:${member.port}`, 29)),
    drawn("text", { x: 14, y: 66 }, `${member.role}, ${member.isInMaintenance ? "maintenance" : member.status}`),
    drawn("text", { x: 14, y: 85, class: "soft" }, cut(`node ${member.node}${member.site ? ", " + member.site : ""}, load ${member.load}`, 30)));
  return group;
}

function arrow(from, to, member) {
  const middle = (from.y + to.y) / 2;
  const isLive = member.status === "up" && member.source !== null;
  const group = drawn("g", { class: `arrow ${isLive ? mood(member) : "bad"}` });
  group.append(
    drawn("path", { d: `M${from.x} ${from.y} C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y - 8}`, class: isLive ? "live" : "dead", "marker-end": "url(#tip)" }),
    drawn("text", to.x < from.x ? { x: to.x - 12, y: to.y - 16, "text-anchor": "end" } : { x: to.x + 12, y: to.y - 16 }, isLive ? lagText(member) : "does not receive"));
  return group;
}

// The primary above, whoever follows it below; servers that announced themselves come last.
function picture(topology) {
  const primary = topology.members.find(one => one.role === "primary" && !one.isAnnounced);
  const others = topology.members.filter(one => one !== primary).sort((one, other) => one.isAnnounced - other.isAnnounced);
  const columns = Math.max(1, Math.min(box.perRow, others.length));
  const width = Math.max(3, columns) * (box.width + box.gap) + box.gap;
  const rows = Math.ceil(others.length / columns);
  const height = 20 + box.height + rows * (box.rise + box.height) + 20;
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${topology.members.length} servers, ${primary ? "primary is " + primary.name : "no primary"}, epoch ${topology.epoch}` });
  const tip = drawn("marker", { id: "tip", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  tip.append(drawn("path", { d: "M0 0 8 4 0 8z" }));
  svg.append(tip);
  const top = { x: (width - box.width) / 2, y: 20 };
  const left = (width - columns * (box.width + box.gap) + box.gap) / 2;
  const boxes = [];
  others.forEach((member, i) => {
    const x = left + (i % columns) * (box.width + box.gap);
    const y = top.y + box.height + box.rise + Math.floor(i / columns) * (box.height + box.rise);
    if (primary && !member.isAnnounced) svg.append(arrow({ x: width / 2, y: top.y + box.height }, { x: x + box.width / 2, y }, member));
    boxes.push(server(member, x, y));
  });
  if (primary) boxes.push(server(primary, top.x, top.y));
  else {
    const none = drawn("g", { class: "server none", transform: `translate(${top.x} ${top.y})` });
    none.append(drawn("rect", { width: box.width, height: box.height, rx: 10 }), drawn("text", { x: box.width / 2, y: 54, "text-anchor": "middle" }, "no primary"));
    boxes.push(none);
  }
  svg.append(...boxes);
  return svg;
}

// One of class "act" is there for whoever is signed in.
function button(label, act, className = "act") {
  const made = element("button", className, label);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try { await act(); } catch (e) { alert(e.message); } finally { made.disabled = false; }
  });
  return made;
}

// Nothing is done before it was said what would be done.
async function change(path) {
  const plan = await ask(path + "&plan=true", "POST");
  if (plan.isRefused) throw new Error(plan.would || plan.reason);
  if (confirm(`${plan.follows ? plan.follows.join("\n") : plan.would}\n\nCarry it out?`)) await ask(path, "POST");
}

async function explain(name) {
  const said = await ask(`/cluster/explain/${encodeURIComponent(name)}`);
  at("explained").replaceChildren(element("h3", "", name), ...said.now.map(one => element("p", "", one)), element("h3", "", `If ${name} died`), ...said.ifItDied.map(one => element("p", "", one)));
  at("explained").hidden = false;
}

function actions(member) {
  const cell = element("td", "actions");
  if (member.isAnnounced) return cell;
  const name = encodeURIComponent(member.name);
  if (member.role !== "primary" && !member.isWatched) cell.append(button("make primary", () => change(`/cluster/switchover?to=${name}`)));
  cell.append(
    button(member.isInMaintenance ? "end maintenance" : "maintenance", () => ask(`/cluster/maintenance?server=${name}&on=${!member.isInMaintenance}`, "POST")),
    button("explain", () => explain(member.name), ""));
  if (member.role !== "primary" && !member.isWatched) cell.append(button("fill anew", () => change(`/cluster/reprovision?server=${name}`)));
  if (member.role !== "primary") cell.append(
    button("remove", () => change(`/cluster/remove?server=${name}`)));
  return cell;
}

function showMembers(topology) {
  at("members").replaceChildren(...topology.members.map(member => {
    const row = element("tr");
    const state = element("td");
    state.append(element("span", `pill ${mood(member)}`, member.isInMaintenance ? "maintenance" : member.status));
    const heard = member.lastHeartbeat === null ? "never" : `${Math.max(0, Math.round((Date.parse(topology.at) - Date.parse(member.lastHeartbeat)) / 1000))} s ago`;
    row.append(element("td", "name", member.name), element("td", "", `${member.host}:${member.port}`), element("td", "", member.isWatched ? `${member.role}, only watched` : member.role), state,
      element("td", "", member.role === "primary" ? "" : member.lagSeconds === null ? "unknown" : `${member.lagSeconds} s`), element("td", "", String(member.load)), element("td", "", heard),
      element("td", "list", member.error), actions(member));
    return row;
  }));
}

function showRemoved(removed) {
  at("removed").hidden = removed.length === 0;
  at("removed").replaceChildren("Removed: ", ...removed.flatMap(one => [`${one.name} (node ${one.node}) `, button("add again", () => change(`/cluster/add?server=${encodeURIComponent(one.name)}`))]));
}

function showHistory(decisions) {
  at("decisions").replaceChildren(...decisions.reverse().map(one => {
    const row = element("tr");
    const what = element("td", "list");
    const more = element("details");
    more.append(element("summary", "", one.what), element("p", "", `Why: ${one.why}`), element("p", "", `Seen: ${one.seen}`));
    what.append(more);
    row.append(element("td", "", new Date(one.at).toLocaleString()), element("td", "", String(one.epoch)), what);
    return row;
  }));
}

function showCluster(topology) {
  shownTopology = topology;
  at("cluster").hidden = false;
  at("cluster").className = topology.hasQuorum ? "" : "old";
  document.title = `Flotilla ${topology.cluster}`;
  document.querySelector("h1 span").textContent = "node";
  at("cluster-name").textContent = topology.cluster;
  at("epoch").textContent = `epoch ${topology.epoch}`;
  at("quorum").textContent = topology.hasQuorum ? "majority" : "this node is cut off: all of this is old";
  at("quorum").className = "pill " + (topology.hasQuorum ? "good" : "bad");
  at("plan").textContent = topology.plan || "";
  at("plan").hidden = !topology.plan;
  at("pause").replaceChildren(button(topology.isPaused ? "resume automatic failover" : "pause automatic failover", () => ask(`/cluster/pause?on=${!topology.isPaused}`, "POST")));
  at("picture").replaceChildren(picture(topology));
  showMembers(topology);
}

// Waits for each change; a node that does not answer leaves an old picture that says so.
async function followCluster() {
  let path = "/topology";
  while (true) {
    try {
      const topology = await ask(path);
      path = `/topology?epoch=${topology.epoch}&version=${topology.version}&wait=10`;
      showCluster(topology);
      showRemoved((await ask("/cluster")).removed);
      showHistory((await ask("/cluster/history?limit=50")).decisions);
    } catch (e) {
      if (e.status === 404) return;
      path = "/topology";
      if (shownTopology) {
        at("cluster").className = "old";
        at("quorum").textContent = `no answer: ${e.message}`;
        at("quorum").className = "pill bad";
      }
      await new Promise(resolve => setTimeout(resolve, 2000));
    }
  }
}

followCluster();
