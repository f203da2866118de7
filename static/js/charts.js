// Draws every [data-chart] from the JSON beside it. Colours, type and theme come from the page; nothing moves.
// Chart.js is loaded before this module (see docs/decisions/charts.md); where it is missing the table says it all.

const root = document.documentElement;
const { Chart } = window;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const POINTS = ["circle", "rectRot", "triangle", "rect"];
const drawn = new Map();

const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const colourOf = (one, n, { series, tones }) => tones[one.tone] ?? series[n % series.length];
const number = (value, { unit, places }) =>
  value.toLocaleString(root.lang, { minimumFractionDigits: places, maximumFractionDigits: places }) + (unit === "%" ? "%" : "");

function look() {
  const style = getComputedStyle(document.body);
  const size = Math.round(parseFloat(style.fontSize) * 0.8);
  return {
    paper: token("--paper"),
    ink: token("--ink"),
    soft: token("--ink-2"),
    line: token("--line"),
    series: [token("--lake"), token("--own"), token("--ink-2"), token("--ink")],
    tones: { lake: token("--lake"), own: token("--own"), ink: token("--ink-2") },
    font: { family: style.fontFamily, size },
  };
}

// A share is one whole in steps of one colour, dark to light, so that it also reads in black and white.
function steps(colour, count) {
  return Array.from({ length: count }, (_, n) => colour + Math.round(255 * (1 - (0.82 * n) / Math.max(count - 1, 1))).toString(16).padStart(2, "0"));
}

const paper = {
  id: "paper",
  beforeDraw({ ctx, width, height }, _args, { colour }) {
    ctx.save();
    ctx.globalCompositeOperation = "destination-over";
    ctx.fillStyle = colour;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

// Room between the legend and the highest label.
const space = {
  id: "space",
  beforeInit(chart) {
    const fit = chart.legend.fit;
    chart.legend.fit = function () {
      fit.call(this);
      this.height += 14;
    };
  },
};

// The interval of each value, as a whisker across its bar or through its point.
const whiskers = {
  id: "whiskers",
  afterDatasetsDraw(chart, _args, { data, colour, halo }) {
    const sideways = chart.options.indexAxis === "y";
    const scale = chart.scales[sideways ? "x" : "y"];
    const { ctx } = chart;
    ctx.save();
    data.series.forEach((one, set) => {
      chart.getDatasetMeta(set).data.forEach((element, place) => {
        const [low, high] = [one.low[place], one.high[place]];
        if (low == null || high == null) return;
        const [from, to] = [scale.getPixelForValue(low), scale.getPixelForValue(high)];
        const aside = data.kind === "line" && isCrowded(data, place) ? (set - (data.series.length - 1) / 2) * 7 : 0;
        const across = sideways ? element.y : element.x + aside;
        const path = sideways
          ? [[from, across, to, across], [from, across - 4, from, across + 4], [to, across - 4, to, across + 4]]
          : [[across, from, across, to], [across - 4, from, across + 4, from], [across - 4, to, across + 4, to]];
        ctx.beginPath();
        for (const [x1, y1, x2, y2] of path) {
          ctx.moveTo(x1, y1);
          ctx.lineTo(x2, y2);
        }
        for (const [width, tint] of [[4, halo], [1.5, colour]]) {
          ctx.lineWidth = width;
          ctx.strokeStyle = tint;
          ctx.stroke();
        }
      });
    });
    ctx.restore();
  },
};

// Intervals that lie over each other are drawn side by side.
function isCrowded({ series }, place) {
  const overlap = (a, b) => a.low[place] <= b.high[place] && b.low[place] <= a.high[place];
  return series.some((a, n) => series.slice(n + 1).some((b) => overlap(a, b)));
}

// The value in words at the end of each bar, at the last point of each line; where none may be shown, what is said instead.
const values = {
  id: "values",
  afterDatasetsDraw(chart, _args, { data, colour, halo, font }) {
    const { ctx } = chart;
    ctx.save();
    ctx.fillStyle = colour;
    ctx.strokeStyle = halo;
    ctx.lineWidth = 4;
    ctx.lineJoin = "round";
    ctx.font = `600 ${font.size}px ${font.family}`;
    ctx.textBaseline = data.kind === "line" ? "bottom" : "middle";
    const ends = [];
    data.series.forEach((one, set) => {
      const elements = chart.getDatasetMeta(set).data;
      const last = one.values.findLastIndex((value) => value != null);
      elements.forEach((element, place) => {
        const value = one.values[place];
        if (data.kind === "line" ? place !== last : value == null) return hidden(chart, element, one.words[place], data);
        ctx.textAlign = data.kind === "line" ? "end" : "start";
        const end = one.high[place] == null ? element.x : chart.scales.x.getPixelForValue(one.high[place]);
        if (data.kind === "line") return ends.push({ x: element.x + (one.high[place] == null ? 4 : -9), y: element.y - 8, text: number(value, data) });
        ctx.strokeText(number(value, data), end + 6, element.y);
        ctx.fillText(number(value, data), end + 6, element.y);
      });
    });
    let free = Infinity; // from the lowest up, none over another
    for (const { x, y, text } of ends.sort((a, b) => b.y - a.y)) {
      free = Math.min(y, free - font.size - 3);
      ctx.strokeText(text, x, free);
      ctx.fillText(text, x, free);
    }
    ctx.restore();
  },
};

function hidden(chart, element, words, { kind }) {
  if (!words || kind === "line") return;
  chart.ctx.textAlign = "start";
  chart.ctx.fillText(words, chart.scales.x.getPixelForValue(0) + 6, element.y);
}

function bars(data, theme) {
  return data.series.map((one, n) => ({
    label: one.label,
    data: one.values,
    backgroundColor: colourOf(one, n, theme),
    barPercentage: 0.72,
    categoryPercentage: data.series.length > 1 ? 0.86 : 0.8,
    maxBarThickness: 26,
  }));
}

function lines(data, theme) {
  return data.series.map((one, n) => ({
    label: one.label,
    data: one.values,
    borderColor: colourOf(one, n, theme),
    backgroundColor: theme.paper,
    borderDash: DASHES[n % DASHES.length],
    borderWidth: 2.5,
    pointStyle: POINTS[n % POINTS.length],
    pointRadius: 4.5,
    pointHoverRadius: 7,
    pointBorderWidth: 2,
    spanGaps: false,
    clip: 8,
  }));
}

// Each part of the whole is a set of its own, one block in the same bar.
function shares(data, { series, paper: between }) {
  const colours = steps(series[0], data.categories.length);
  return data.categories.map((name, n) => ({
    label: `${name} ${data.series[0].values[n] == null ? "" : number(data.series[0].values[n], data)}`,
    data: data.series.map((one) => one.values[n]),
    backgroundColor: colours[n],
    borderColor: between,
    borderWidth: 2,
    maxBarThickness: 64,
  }));
}

// A funnel: each value against what it stands on, and the limits within which chance alone is enough of a reason.
function funnel(data, theme) {
  const one = data.series[0];
  const line = (place, dash, width) => ({
    type: "line",
    data: data.limits.map((limit) => ({ x: limit[0], y: limit[place] })),
    borderColor: theme.soft,
    borderDash: dash,
    borderWidth: width,
    pointRadius: 0,
    pointHitRadius: 0,
  });
  const target = { ...line(0, [], 1), label: data.labels.target };
  target.data = data.limits.map((limit) => ({ x: limit[0], y: data.target }));
  return [
    {
      label: one.label,
      data: data.sizes.map((size, place) => ({ x: size, y: one.values[place] })),
      pointStyle: data.marked.map((marked) => (marked ? "rectRot" : "circle")),
      pointRadius: data.marked.map((marked) => (marked ? 8 : 5)),
      backgroundColor: data.marked.map((marked) => (marked ? theme.tones.own : theme.tones.lake)),
      borderColor: theme.paper,
      borderWidth: 1.5,
    },
    target,
    { ...line(1, [7, 4], 1.5), label: `${data.labels.limits} 95%` },
    line(2, [7, 4], 1.5),
    { ...line(3, [2, 3], 1.5), label: `${data.labels.limits} 99.8%` },
    line(4, [2, 3], 1.5),
  ];
}

const names = {
  id: "names",
  afterDatasetsDraw(chart, _args, { data, colour, halo, font }) {
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.font = `600 ${font.size}px ${font.family}`;
    [ctx.fillStyle, ctx.strokeStyle, ctx.lineWidth, ctx.textBaseline] = [colour, halo, 4, "bottom"];
    chart.getDatasetMeta(0).data.forEach(({ x, y }, place) => {
      if (!data.marked[place]) return;
      ctx.textAlign = x > (chartArea.left + chartArea.right) / 2 ? "end" : "start";
      ctx.strokeText(data.categories[place], x, y - 10);
      ctx.fillText(data.categories[place], x, y - 10);
    });
    ctx.restore();
  },
};

// Places as they lie, one tile each: the name, the figure, and the darker the higher.
const SHADES = ["1f", "4a", "80", "c8", "ff"];
const tiles = {
  id: "tiles",
  afterDraw({ ctx, width, height, options }, _args, { data, theme }) {
    const top = options.plugins.title.display ? 40 : 0;
    const columns = Math.max(...data.spots.map(([column]) => column)) + 1;
    const rows = Math.max(...data.spots.map(([, row]) => row)) + 1;
    const [wide, high] = [width / columns, (height - top) / rows];
    const { family, size } = theme.font;
    const one = data.series[0];
    ctx.save();
    [ctx.textAlign, ctx.textBaseline] = ["center", "middle"];
    data.spots.forEach(([column, row], place) => {
      const [x, y, shade] = [column * wide, top + row * high, data.shades[place]];
      ctx.fillStyle = shade == null ? theme.paper : theme.tones.lake + SHADES[shade];
      ctx.fillRect(x + 3, y + 3, wide - 6, high - 6);
      ctx.strokeStyle = theme.line;
      ctx.strokeRect(x + 3, y + 3, wide - 6, high - 6);
      ctx.fillStyle = shade > 2 ? theme.paper : theme.ink;
      ctx.font = `600 ${size * 1.15}px ${family}`;
      ctx.fillText(data.categories[place], x + wide / 2, y + high / 2 - size * 1.3, wide - 12);
      ctx.font = shade == null ? `${size * 0.9}px ${family}` : `600 ${size * 1.9}px ${family}`;
      const words = shade == null ? one.words[place] : number(one.values[place], data);
      ctx.fillText(words ?? "", x + wide / 2, y + high / 2 + size, wide - 12);
    });
    ctx.restore();
  },
};

function scales(data, { soft, line, ink, font }) {
  if (data.kind === "tiles") return { x: { display: false }, y: { display: false } };
  const whole = data.unit === "%";
  const lows = data.kind === "line" ? data.series.flatMap((one) => one.low.filter((low) => low != null)) : [];
  const amount = {
    suggestedMin: lows.length ? Math.min(...lows) : undefined,
    beginAtZero: data.kind !== "line" || !whole,
    suggestedMax: whole ? 100 : undefined,
    grace: whole ? 0 : "8%",
    border: { display: false },
    grid: { color: line, drawTicks: false },
    ticks: { color: soft, font, maxTicksLimit: 6, padding: 8, callback: (value) => number(value, { ...data, places: 0 }) },
    stacked: data.kind === "share",
  };
  if (whole) amount.max = data.kind === "line" ? 100 : undefined;
  const names = {
    border: { color: ink },
    grid: { display: false },
    ticks: { color: ink, font, autoSkip: data.kind === "line", maxRotation: 0, autoSkipPadding: 12, padding: 6 },
    stacked: data.kind === "share",
  };
  if (data.kind === "line") return { x: names, y: amount };
  if (data.kind === "funnel") {
    const title = { display: true, text: data.labels.size, color: soft, font };
    const answers = { type: "linear", title, border: { color: ink }, grid: { display: false }, ticks: { color: ink, font, maxTicksLimit: 6 } };
    return { x: answers, y: { ...amount, beginAtZero: false, max: undefined, suggestedMax: undefined, grace: 0 } };
  }
  if (data.kind === "share") return { x: { ...amount, max: 100, display: false }, y: { ...names, display: data.series.length > 1 } };
  return { x: amount, y: names };
}

function settings(data) {
  const theme = look();
  const { font } = theme;
  const make = { bar: bars, line: lines, share: shares, funnel, tiles: () => [] }[data.kind];
  const upright = data.kind === "line" || data.kind === "funnel";
  return {
    type: { line: "line", funnel: "scatter", tiles: "scatter" }[data.kind] ?? "bar",
    data: { labels: data.kind === "share" ? data.series.map((one) => one.label) : data.categories, datasets: make(data, theme) },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: upright || data.kind === "tiles" ? "x" : "y",
      layout: { padding: { top: data.kind === "line" && data.series.length === 1 ? 24 : 4, right: data.kind === "bar" ? Math.round(font.size * 4.2) : 8 } },
      interaction: { mode: data.kind === "share" || data.kind === "funnel" ? "point" : "index", intersect: false, axis: data.kind === "line" ? "x" : "y" },
      scales: scales(data, theme),
      plugins: {
        title: { display: false, text: data.title, color: theme.ink, font: { ...font, size: font.size + 3 } },
        legend: {
          display: data.kind !== "tiles" && (data.kind === "share" || data.kind === "funnel" || data.series.length > 1),
          position: "top",
          align: "start",
          onClick: () => {},
          labels: {
            color: theme.ink,
            font,
            usePointStyle: data.kind === "line",
            boxWidth: data.kind === "line" ? 9 : 16,
            boxHeight: data.kind === "funnel" ? 3 : 9,
            padding: 16,
            filter: ({ text }) => Boolean(text),
          },
        },
        tooltip: {
          titleFont: font,
          bodyFont: font,
          callbacks: {
            label: ({ dataset, raw, dataIndex }) =>
              data.kind === "funnel" ? `${data.categories[dataIndex]} ${number(raw.y, data)}`
              : data.kind === "share" ? dataset.label : raw == null ? null : `${dataset.label} ${number(raw, data)}`,
          },
        },
        paper: { colour: theme.paper },
        whiskers: { data, colour: theme.ink, halo: theme.paper },
        values: { data, colour: theme.ink, halo: theme.paper, font },
        names: { data, colour: theme.ink, halo: theme.paper, font },
        tiles: { data, theme },
      },
    },
    plugins: [paper, space, ...({ share: [], funnel: [names], tiles: [tiles] }[data.kind] ?? [whiskers, values])],
  };
}

function draw(figure) {
  const box = figure.querySelector(".chart__box");
  const text = document.getElementById(`${figure.id}-data`);
  if (!box || !text) return;
  const data = JSON.parse(text.textContent);
  box.hidden = false;
  drawn.get(figure)?.destroy();
  const chart = new Chart(box.querySelector("canvas"), settings(data));
  drawn.set(figure, chart);
  offerPicture(figure, chart);
}

function offerPicture(figure, chart) {
  const button = figure.querySelector("[data-chart-picture]");
  button.hidden = false;
  button.onclick = () => {
    const { title } = chart.options.plugins;
    title.display = true;
    chart.update("none");
    const link = document.createElement("a");
    link.href = chart.toBase64Image();
    link.download = button.dataset.chartPicture;
    link.click();
    title.display = false;
    chart.update("none");
  };
}

function drawAll(within = document) {
  for (const figure of within.querySelectorAll("[data-chart]")) draw(figure);
}

if (Chart) {
  drawAll();
  const again = () => requestAnimationFrame(() => drawAll());
  new MutationObserver(again).observe(root, { attributes: true, attributeFilter: ["data-theme", "data-elder"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
}
