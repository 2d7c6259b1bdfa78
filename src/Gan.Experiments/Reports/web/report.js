"use strict";
// What the page shows is in the element "data"; nothing is fetched.
const data = JSON.parse(document.getElementById("data").textContent);
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f5fc4", "#8c6d31", "#5f6b6d", "#c0392b",
  "#17828c", "#b5bd00"];
const color = group => colors[group % colors.length];
const element = id => document.getElementById(id);
const charts = [];

// ---- numbers and texts

const short = value => !Number.isFinite(value) ? "–"
  : Number.isInteger(value) && Math.abs(value) < 1e7 ? String(value) : String(Number(value.toPrecision(4)));

function make(tag, content, attributes) {
  const made = document.createElement(tag);
  if (typeof content === "string") made.textContent = content;
  else if (content) made.append(...content);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  return made;
}

function table(header, rows) {
  const numeric = header.map((_, i) => rows.some(row => row[i] !== "") && rows.every(row => typeof row[i] !== "object" && (row[i] === "" || row[i] === "–" || !isNaN(row[i]))));
  const cell = (tag, content, i) => make(tag, typeof content === "string" ? content : [content], numeric[i] ? { class: "number" } : {});
  return make("table", [
    make("thead", [make("tr", header.map((name, i) => cell("th", name, i)))]),
    make("tbody", rows.map(row => make("tr", row.map((content, i) => cell("td", content, i))))),
  ]);
}

const marked = group => make("span", [make("span", "", { class: "dot", style: `background:${color(group)}` }), data.groups[group].label]);

function choices(select, names, chosen, changed) {
  select.replaceChildren(...names.map(name => make("option", name, { value: name })));
  select.value = names.includes(chosen) ? chosen : names[0];
  select.addEventListener("change", changed);
}

// ---- charts

const dark = () => document.documentElement.dataset.theme === "dark";

function chart(id, option) {
  const draw = () => {
    const place = element(id);
    echarts.getInstanceByDom(place)?.dispose();
    echarts.init(place, dark() ? "dark" : null, { renderer: "canvas" })
      .setOption({ backgroundColor: "transparent", animation: false, textStyle: { fontFamily: "system-ui, sans-serif" }, ...option() });
  };
  charts.push(draw);
  draw();
  return draw;
}

window.addEventListener("resize", () => document.querySelectorAll(".chart").forEach(place => echarts.getInstanceByDom(place)?.resize()));

// ---- ranking

function ranking() {
  const ranked = data.rankings[element("ranking-metric").value];
  element("ranking").replaceChildren(table(
    ["rank", "group", "runs", "mean", "deviation", "95 % interval", "p", "lost"],
    ranked.map(one => [String(one.rank), marked(one.group), String(one.count), short(one.mean), short(one.deviation),
      one.low === null ? "" : `${short(one.low)} to ${short(one.high)}`, one.p === null ? "" : short(one.p), one.lost ? String(one.lost) : ""])));
}

const intervalsOption = () => {
  const ranked = data.rankings[element("ranking-metric").value].slice(0, 25).filter(one => one.mean !== null).reverse();
  return {
    grid: { left: 8, right: 24, top: 8, bottom: 32, containLabel: true },
    xAxis: { type: "value", scale: true, name: element("ranking-metric").value, nameLocation: "middle", nameGap: 24 },
    yAxis: { type: "category", data: ranked.map(one => data.groups[one.group].label), axisLabel: { width: 150, overflow: "truncate" } },
    tooltip: { trigger: "item" },
    series: [
      { type: "custom", silent: true, data: ranked.map((one, i) => [i, one.low ?? one.mean, one.high ?? one.mean, one.group]), encode: { x: [1, 2], y: 0 },
        renderItem: (_, api) => {
          const [from, until] = [api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)])];
          return { type: "line", shape: { x1: from[0], y1: from[1], x2: until[0], y2: until[1] }, style: { stroke: color(api.value(3)), lineWidth: 3 } };
        } },
      { type: "scatter", symbolSize: 10, data: ranked.map((one, i) => ({ value: [one.mean, i], itemStyle: { color: color(one.group) } })),
        tooltip: { formatter: mark => {
          const one = ranked[mark.dataIndex];
          return `${echarts.format.encodeHTML(data.groups[one.group].label)}<br>${short(one.mean)} (${short(one.low)} to ${short(one.high)}), ${one.count} runs`;
        } } },
    ],
  };
};

// ---- curves

// A moving average that forgets, corrected for its start: as in TensorBoard.
function smoothed(values, weight) {
  let sum = 0, total = 0;
  return values.map(value => {
    if (!Number.isFinite(value)) return value;
    sum = sum * weight + (1 - weight) * value;
    total = total * weight + (1 - weight);
    return sum / total;
  });
}

// The points of a run's curve; none where it has no such metric.
function curve(run, metric) {
  const [steps, values] = data.runs[run].curves[metric] ?? [0, []];
  return smoothed(values, Number(element("smoothing").value)).map((value, i) => [data.steps[steps][i], value]);
}

// Mean and band of a group's runs at the steps that they have.
function gathered(group, metric) {
  const at = new Map();
  for (const run of data.groups[group].runs)
    for (const [step, value] of curve(run, metric))
      if (Number.isFinite(value)) (at.get(step) ?? at.set(step, []).get(step)).push(value);
  const band = element("band").value;
  return [...at].sort((a, b) => a[0] - b[0]).map(([step, values]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1));
    return { step, mean, low: band === "range" ? Math.min(...values) : mean - deviation, high: band === "range" ? Math.max(...values) : mean + deviation };
  });
}

const curvesOption = () => {
  const metric = element("curve-metric").value;
  const [logX, logY] = [element("log-x").checked, element("log-y").checked];
  const drawable = (x, y) => (!logX || x > 0) && (!logY || y > 0);
  const series = [];
  data.groups.forEach((group, g) => {
    if (element("each-run").checked) {
      for (const run of group.runs) {
        const points = curve(run, metric);
        if (points.length > 0) series.push({ name: group.label, type: "line", showSymbol: false, sampling: "lttb", lineStyle: { width: 1, color: color(g) },
          itemStyle: { color: color(g) }, data: points.filter(([x, y]) => drawable(x, y)) });
      }
      return;
    }
    const points = gathered(g, metric).filter(point => drawable(point.step, point.mean));
    if (points.length === 0) return;
    if (element("band").value !== "none" && group.runs.length > 1) {
      const outline = [...points.map(p => [p.step, p.high]), ...[...points].reverse().map(p => [p.step, p.low])].filter(([x, y]) => drawable(x, y));
      series.push({ name: group.label, type: "custom", silent: true, clip: true, z: 1, tooltip: { show: false }, data: outline, itemStyle: { color: color(g) },
        renderItem: (place, api) => place.dataIndex > 0 ? null
          : { type: "polygon", shape: { points: outline.map(point => api.coord(point)) }, style: { fill: color(g), opacity: 0.16 } } });
    }
    series.push({ name: group.label, type: "line", showSymbol: points.length < 30, symbolSize: 4, z: 2, lineStyle: { width: 2, color: color(g) },
      itemStyle: { color: color(g) }, data: points.map(p => [p.step, p.mean]) });
  });
  return {
    grid: { left: 16, right: 24, top: data.groups.length > 1 ? 56 : 32, bottom: 64, containLabel: true },
    legend: { type: "scroll", top: 8, data: data.groups.length > 1 ? [...new Set(series.map(one => one.name))] : [] },
    tooltip: { trigger: "axis", confine: true, valueFormatter: short, order: "valueDesc" },
    dataZoom: [{ type: "inside" }, { type: "slider", height: 18, bottom: 8 }],
    xAxis: { type: logX ? "log" : "value", name: "step", nameLocation: "middle", nameGap: 26, min: "dataMin", max: "dataMax",
      axisLabel: { hideOverlap: true } },
    yAxis: { type: logY ? "log" : "value", scale: true, name: metric, nameTextStyle: { align: "left" } },
    series,
  };
};

// ---- parameters

const parallelOption = () => {
  const metric = element("parameter-metric").value;
  const rows = data.runs.map(run => ({ run, last: run.last[metric] })).filter(row => row.last !== null && row.last !== undefined);
  const axes = data.parameters.map((parameter, i) => parameter.numeric
    ? { dim: i, name: parameter.name, type: parameter.logarithmic ? "log" : "value", scale: true }
    : { dim: i, name: parameter.name, type: "category", data: parameter.values });
  axes.push({ dim: axes.length, name: metric, type: "value", scale: true });
  const lasts = rows.map(row => row.last);
  return {
    parallelAxis: axes.map(axis => ({ ...axis, nameTextStyle: { fontSize: 11 },
      axisLabel: { width: 110, overflow: "truncate", fontSize: 11, ...(axis.dim === 0 ? { margin: -8, align: "right" } : {}) } })),
    parallel: { left: 130, right: 90, top: 48, bottom: 24 },
    visualMap: { show: false, dimension: axes.length - 1, min: Math.min(...lasts), max: Math.max(...lasts),
      inRange: { color: ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"] } },
    series: [{ type: "parallel", lineStyle: { width: 1.5, opacity: 0.6 },
      data: rows.map(row => [...data.parameters.map(p => p.numeric ? Number(row.run.parameters[p.name]) : row.run.parameters[p.name] ?? ""), row.last]) }],
  };
};

const importanceOption = () => {
  const found = data.parameters.map(parameter => [parameter.name, parameter.importance[element("parameter-metric").value] ?? 0]).sort((a, b) => a[1] - b[1]);
  return {
    grid: { left: 8, right: 48, top: 8, bottom: 24, containLabel: true },
    xAxis: { type: "value", min: 0, max: 1 },
    yAxis: { type: "category", data: found.map(one => one[0]) },
    tooltip: {},
    series: [{ type: "bar", barMaxWidth: 18, itemStyle: { color: colors[0] }, label: { show: true, position: "right", formatter: bar => bar.value.toFixed(2) },
      data: found.map(one => one[1]) }],
  };
};

// ---- samples, sound, spectra, runs

function samples() {
  const kind = element("sample-kind").value;
  const shown = data.pictures.filter(picture => picture.kind === kind);
  const steps = [...new Set(shown.flatMap(picture => picture.steps.map(one => one.step)))].sort((a, b) => a - b);
  const slider = element("sample-step");
  slider.max = steps.length - 1;
  const step = steps[Math.min(Number(slider.value), steps.length - 1)];
  element("sample-step-text").textContent = String(step);
  element("samples").replaceChildren(...shown.map(picture => {
    const latest = picture.steps.filter(one => one.step <= step).at(-1) ?? picture.steps[0];
    const run = data.runs[picture.run];
    return make("figure", [make("img", "", { src: latest.source, alt: `samples of ${run.name} at step ${latest.step}` }),
      make("figcaption", `${data.groups[run.group].label}, seed ${run.seed}, step ${latest.step}`)]);
  }));
}

function sound() {
  element("audio").replaceChildren(table(["group", "seed", "step", "samples"], data.sounds.map(one => {
    const run = data.runs[one.run];
    return [marked(run.group), run.seed, String(one.step), make("audio", "", { controls: "", preload: "none", src: one.source })];
  })));
}

const spectraOption = () => ({
  grid: { left: 16, right: 24, top: 48, bottom: 40, containLabel: true },
  legend: { type: "scroll", top: 8 },
  tooltip: { formatter: mark => `${echarts.format.encodeHTML(mark.seriesName)}<br>${short(mark.value[0])} ${mark.value[1] < 0 ? "−" : "+"} ${short(Math.abs(mark.value[1]))}i` },
  xAxis: { type: "value", name: "Re", nameLocation: "middle", nameGap: 26, scale: true },
  yAxis: { type: "value", name: "Im", scale: true },
  series: data.spectra.map((spectrum, i) => ({ type: "scatter", symbolSize: 8, itemStyle: { color: color(i), opacity: 0.7 },
    name: `${data.groups[data.runs[spectrum.run].group].label}, seed ${data.runs[spectrum.run].seed}, step ${spectrum.step}`, data: spectrum.values })),
});

function runs() {
  element("runs").replaceChildren(table(["run", "name", "group", "seed", "status", "steps", "signs of trouble"],
    data.runs.map(run => [run.id.slice(0, 8), run.name, marked(run.group), run.seed, run.status, String(run.steps), run.troubles.join(", ")])));
}

// ---- the page

function hide(id) { element(id).hidden = true; }

document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
element("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  charts.forEach(draw => draw());
});
element("title").textContent = data.title;
element("summary").textContent = data.summary;

if (data.groups.length > 1) {
  choices(element("ranking-metric"), Object.keys(data.rankings), data.metric, () => { ranking(); drawIntervals(); });
  ranking();
  const drawIntervals = chart("intervals", intervalsOption);
  element("ranking-note").textContent = data.note;
} else hide("ranking-section");

choices(element("curve-metric"), data.metrics, data.metric, () => drawCurves());
const drawCurves = chart("curves", curvesOption);
for (const id of ["smoothing", "band", "each-run", "log-x", "log-y"]) element(id).addEventListener("input", () => drawCurves());

if (data.parameters.length > 0 && data.runs.length > 2) {
  choices(element("parameter-metric"), Object.keys(data.rankings), data.metric, () => { drawParallel(); drawImportance(); });
  element("importance").style.height = `${60 + 28 * data.parameters.length}px`;
  const drawParallel = chart("parallel", parallelOption);
  const drawImportance = chart("importance", importanceOption);
} else hide("parameters-section");

if (data.pictures.length > 0) {
  const kinds = [...new Set(data.pictures.map(picture => picture.kind))];
  choices(element("sample-kind"), kinds, kinds.find(kind => kind.endsWith("average")) ?? kinds[0], samples);
  element("sample-step").max = 1e9;
  element("sample-step").value = 1e9;
  element("sample-step").addEventListener("input", samples);
  samples();
} else hide("samples-section");
if (data.spectra.length > 0) chart("spectra", spectraOption); else hide("spectra-section");
if (data.sounds.length > 0) sound(); else hide("audio-section");
runs();
