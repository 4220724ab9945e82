/* global uPlot */
// Draws the plots of the report. Runs in the browser, from within the page; the data is in the element "charts".
(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const HEIGHT = 230;
  const DAY_SECONDS = 86_400;
  let drawn = [];

  function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  function formatter(chart, compact) {
    const notation = compact ? 'compact' : 'standard';
    const digits = { maximumFractionDigits: compact || chart.unit === 'ms' ? 1 : 0 };
    const style =
      chart.unit === 'money' ? { style: 'currency', currency: chart.currency, currencyDisplay: 'symbol' } : {};
    const format = new Intl.NumberFormat('en', { notation, ...digits, ...style });
    return (value) => (value == null ? '–' : format.format(value) + (chart.unit === 'ms' ? ' ms' : ''));
  }

  function xFormatter(chart) {
    if (chart.axis === 'elapsed') return (value) => `${Math.round(value)} s`;
    const format = new Intl.DateTimeFormat('en-AU', { day: 'numeric', month: 'short', timeZone: 'UTC' });
    return (value) => format.format(value * 1000);
  }

  function seriesOptions(chart, series) {
    const stroke = color(`series-${series.color}`);
    const common = { label: series.label, stroke, value: (_plot, value) => formatter(chart, false)(value) };
    if (series.kind === 'bars') {
      return {
        ...common,
        width: 0,
        fill: stroke,
        paths: uPlot.paths.bars({ size: [0.72, 40], radius: 0.15 }),
        points: { show: false },
      };
    }
    const fill = series.kind === 'area' ? `${stroke}26` : undefined;
    return { ...common, width: 2, fill, spanGaps: true, points: { show: chart.at.length < 3 } };
  }

  function options(chart, width) {
    const formatX = xFormatter(chart);
    const axis = {
      stroke: color('muted'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { stroke: color('line'), width: 1 },
    };
    const bars = chart.series.some((series) => series.kind === 'bars');
    const margin = bars ? DAY_SECONDS / 2 : 0;
    return {
      width,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      legend: { live: true },
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: (_plot, least, most) => [least - margin, most + margin] },
        // From zero: a plot that cuts its axis exaggerates.
        y: { range: (_plot, least, most) => [Math.min(0, least), most > 0 ? most * 1.08 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          values: (_plot, ticks) => ticks.map(formatX),
          incrs: increments(chart),
          space: 58,
        },
        { ...axis, values: (_plot, ticks) => ticks.map(formatter(chart, true)), size: 68 },
      ],
      series: [
        {
          label: chart.axis === 'day' ? 'Day' : 'Time',
          value: (_plot, value) => (value == null ? '–' : formatX(value)),
        },
      ].concat(chart.series.map((series) => seriesOptions(chart, series))),
    };
  }

  function increments(chart) {
    const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
    return chart.axis === 'elapsed' ? steps : [1, 2, 5, 7, 14, 28, 91, 182, 364].map((days) => days * DAY_SECONDS);
  }

  function draw() {
    for (const plot of drawn) plot.destroy();
    drawn = charts.flatMap((chart) => {
      const place = document.querySelector(`[data-chart="${CSS.escape(chart.id)}"]`);
      if (place === null || chart.at.length === 0) return [];
      const data = [chart.at, ...chart.series.map((series) => series.values)];
      return [new uPlot(options(chart, place.clientWidth), data, place)];
    });
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  let waiting;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 150);
  });
})();
