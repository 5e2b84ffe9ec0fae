// Live events of an open task. The page is whole without this: it only saves pressing "reload".
(() => {
  "use strict";
  const list = document.getElementById("transcript");
  if (!list || !list.dataset.events || !window.EventSource) return;

  const live = document.getElementById("live");
  const say = (text) => { if (live) live.textContent = text; };
  const make = (name, className, text) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // Everything from outside goes in as text, never as HTML.
  const add = (event, kind, label, title, detail) => {
    const item = make("li", "entry " + kind);
    const time = make("time", "", String(event.at || "").slice(11, 19));
    time.dateTime = event.at || "";
    const what = make("div", "what");
    const isLong = detail && (detail.includes("\n") || detail.length >= 200);
    if (isLong) {
      const details = make("details");
      const summary = make("summary", "", title);
      const text = make("pre", "", detail.slice(0, 40000));
      summary.dir = text.dir = "auto";
      details.append(summary, text);
      what.append(details);
    } else {
      const head = make("p", "", title);
      head.dir = "auto";
      what.append(head);
      if (detail) what.append(make("p", "detail", detail));
    }
    item.append(time, make("span", "label", label), what);
    list.append(item);
  };

  const setStatus = (data) => {
    const chip = document.getElementById("status");
    const progress = document.getElementById("progress");
    if (chip && /^[a-z]+$/.test(data.status || "")) {
      chip.className = "chip " + data.status;
      chip.textContent = data.status;
    }
    if (progress && typeof data.progress === "number") progress.value = data.progress;
    const stages = [...document.querySelectorAll("#stages li")];
    const at = stages.findIndex((stage) => stage.dataset.stage === data.status);
    if (at < 0) return;
    stages.forEach((stage, index) => {
      if (index === at) stage.className = "current";
      else if (stage.className === "current") stage.className = "done";
      const mark = stage.querySelector(".mark");
      if (mark) mark.textContent = { done: "✓", current: "●", failed: "✕" }[stage.className] || "○";
    });
  };

  const source = new EventSource(list.dataset.events + "?after=" + encodeURIComponent(list.dataset.after || "0"));
  const on = (kind, show) => source.addEventListener(kind, (message) => {
    let event;
    try { event = JSON.parse(message.data); } catch { return; }
    show(event, event.data || {});
  });
  on("activity", (event, data) => add(event, "activity " + (/^[a-z]+$/.test(data.kind) ? data.kind : ""), data.kind || "", data.title || "", data.detail));
  on("status", (event, data) => {
    setStatus(data);
    add(event, "status", "status", (data.status || "") + (data.iteration ? " · round " + data.iteration : ""), data.message || data.error);
  });
  on("input", (event, data) => add(event, "input", "said", "@" + (data.author || "?"), data.text));
  on("audit", (event, data) => add(event, "audit", "audit", [data.actor, data.action, data.decision].join(", "), data.detail));
  source.addEventListener("open", () => say("live"));
  source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? "not connected" : "connecting…"));
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
})();
