// Draws: numbers in, elements out. Text goes in as text, never as markup; positions as attributes of SVG.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
const h = (tag, attributes = {}, ...children) => made(document.createElement(tag), attributes, children);
const s = (tag, attributes = {}, ...children) => made(document.createElementNS(SVG, tag), attributes, children);

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const FEW = "fewer than 30 to divide by";

// How a value of each kind reads; null is "no value", which is told by a dash.
const FORMATS = {
  count: (value) => whole.format(value),
  mean: (value) => tenth.format(value),
  rate: (value) => `${tenth.format(100 * value)} %`,
  hours: (value) => (value < 48 ? `${tenth.format(value)} h` : `${tenth.format(value / 24)} days`),
  text: (value) => value,
};
const written = (value, kind) => (value === null ? "–" : FORMATS[kind](value));

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const shortDay = (day) => `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
const longDay = (day) => `${shortDay(day)} ${day.slice(0, 4)}`;

// columns: [title, kind, value of a row, alarm?]. The first names the row. bar: the column that is drawn as well.
function table(columns, rows, { bar = null, caption = "" } = {}) {
  const greatest = bar === null ? 0 : Math.max(...rows.map((row) => columns[bar][2](row) ?? 0));
  const titles = columns.map(([title]) => h("th", { scope: "col" }, title));
  if (bar !== null) titles.splice(1, 0, h("th", { class: "drawn", "aria-hidden": "true" }));
  const lines = rows.map((row) => {
    const cells = columns.map(([, kind, valueOf, alarm], place) => cell(valueOf(row), kind, place, alarm));
    if (bar !== null) cells.splice(1, 0, drawn(columns[bar][2](row) ?? 0, greatest));
    return h("tr", {}, ...cells);
  });
  const label = caption || columns.map(([title]) => title).join(", ");
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    h("table", columns.length > 5 ? { class: "broad" } : {}, h("thead", {}, h("tr", {}, ...titles)), h("tbody", {}, ...lines)));
}

function cell(value, kind, place, alarm) {
  const shown = { "data-value": String(value) };
  if (place === 0) return h("th", { scope: "row", title: value, ...shown }, written(value, kind));
  if (value === null) shown.title = kind === "rate" ? FEW : "nothing to divide by";
  if (alarm && value !== null && alarm(value)) shown.class = "alarm";
  return h("td", shown, written(value, kind));
}

function drawn(value, greatest) {
  const bar = h("span", { class: "bar" });
  bar.style.width = `${greatest ? (100 * value) / greatest : 0}%`;
  return h("td", { class: "drawn", "aria-hidden": "true" }, bar);
}

const legend = (names) => h("ul", { class: "key" }, ...names.map((name, n) => h("li", { class: `s${n % 6}` }, name)));

function ceiling(values) {
  const greatest = Math.max(...values, 0);
  if (!greatest) return 1;
  const power = 10 ** Math.floor(Math.log10(greatest));
  return [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((step) => step * power >= greatest) * power;
}

// The frame of a chart over days: [svg, x of the nth, y of a value]. maturing: how many of the last are shaded.
function frame(days, top, kind, { maturing = 0, width = 760, height = 230 } = {}) {
  width = Math.min(width, innerWidth < 600 ? 360 : width);  // drawn to scale, so that text stays legible on a phone
  const [left, right, above, below] = [44, 10, 8, 24];
  const step = (width - left - right) / days.length;
  const x = (n) => left + (n + 0.5) * step;
  const y = (value) => above + (height - above - below) * (1 - value / top);
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  if (maturing) {
    const from = left + (days.length - maturing) * step;
    svg.append(s("rect", { class: "maturing", x: from, y: above, width: maturing * step, height: y(0) - above }),
      s("text", { x: from + 6, y: above + 14 }, "maturing"));
  }
  for (const part of [0, 0.5, 1]) {
    svg.append(s("line", { class: "grid", x1: left, x2: width - right, y1: y(part * top), y2: y(part * top) }),
      s("text", { x: left - 6, y: y(part * top) + 4, "text-anchor": "end" }, tick(part * top, kind)));
  }
  const every = Math.ceil(days.length / Math.floor(width / 64));
  days.forEach((day, n) => {
    if (n % every === 0) svg.append(s("text", { x: x(n), y: height - 6, "text-anchor": "middle" }, shortDay(day)));
  });
  return [svg, x, y, step];
}
const tick = (value, kind) => (kind === "rate" ? `${+(100 * value).toFixed(2)} %` : `${+value.toFixed(2)}`);

// series: [{name, values}], one value per day or null for a gap.
function lines(days, series, kind, options = {}) {
  const known = series.flatMap(({ values }) => values).filter((value) => value !== null);
  if (!known.length) return [h("p", { class: "empty" }, `Each of these weeks has ${FEW}.`)];
  const top = ceiling(known);
  const [svg, x, y] = frame(days, top, kind, options);
  series.forEach(({ name, values }, n) => {
    let path = "";
    values.forEach((value, day) => {
      if (value === null) return;
      path += `${day && values[day - 1] !== null ? "L" : "M"}${x(day).toFixed(1)},${y(value).toFixed(1)}`;
      const told = `${name}, ${shortDay(days[day])}: ${written(value, kind)}`;
      svg.append(s("circle", { class: `dot s${n % 6}`, cx: x(day), cy: y(value), r: 3, "data-value": value }, s("title", {}, told)));
    });
    svg.append(s("path", { class: `line s${n % 6}`, d: path }));
  });
  return [legend(series.map(({ name }) => name)), svg];
}

// The same, one on top of the other.
function columns(days, series, options = {}) {
  const sums = days.map((_, day) => series.reduce((sum, { values }) => sum + values[day], 0));
  const [svg, x, y, step] = frame(days, ceiling(sums), "count", options);
  const reached = days.map(() => 0);
  series.forEach(({ name, values }, n) => values.forEach((value, day) => {
    if (!value) return;
    const [from, to] = [y(reached[day]), y((reached[day] += value))];
    const width = Math.min(step * 0.7, 34);
    const place = { x: x(day) - width / 2, y: to, width, height: from - to };
    svg.append(s("rect", { class: `fill s${n % 6}`, ...place, "data-value": value }, s("title", {}, `${name}, ${shortDay(days[day])}: ${value}`)));
  }));
  return [legend(series.map(({ name }) => name)), svg];
}

// The same without a frame. What it shows is told in data-values, one after the other.
function spark(values) {
  const [top, last] = [Math.max(...values.map((value) => value ?? 0)) || 1, Math.max(values.length - 1, 1)];
  const known = values.flatMap((value, n) => (value === null ? [] : [[(120 * n) / last, 24 - (22 * value) / top]]));
  const points = known.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
  const shape = { viewBox: "0 0 120 26", preserveAspectRatio: "none", "aria-hidden": "true", class: "s0", "data-values": values.map(String).join() };
  if (known.length < 2) return s("svg", shape);
  const [from, to] = [known[0][0], known.at(-1)[0]];
  return s("svg", shape, s("polygon", { class: "area", points: `${from},26 ${points.join(" ")} ${to},26` }),
    s("polyline", { class: "line", points: points.join(" "), "vector-effect": "non-scaling-stroke" }));
}

const WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split(" ");

// counts: 168 numbers, from Monday midnight.
function heat(counts) {
  const top = Math.max(...counts) || 1;
  const hours = [...Array(24).keys()];
  const head = h("tr", {}, h("th", {}), ...hours.map((hour) => h("th", { scope: "col" }, hour % 3 ? "" : String(hour))));
  const rows = WEEKDAYS.map((day, n) => h("tr", {}, h("th", { scope: "row" }, day), ...hours.map((hour) => {
    const count = counts[24 * n + hour];
    const box = h("td", { title: `${day} ${hour}:00 to ${hour + 1}:00: ${count}`, "data-value": count }, String(count));
    if (count) box.style.background = `rgba(var(--heat), ${0.15 + (0.85 * count) / top})`;
    return box;
  })));
  return h("table", { class: "heat", "aria-label": "Answers by weekday and hour" }, h("thead", {}, head), h("tbody", {}, ...rows));
}
