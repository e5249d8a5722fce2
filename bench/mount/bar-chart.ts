/** One group of bars. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** One bar; without a value it says why. */
export interface Bar {
  readonly name: string;
  readonly value: number | undefined;
  readonly text: string;
}

const width = 900;
const labelWidth = 190;
const textWidth = 190;
const barHeight = 13;
const step = 17;
const groupGap = 16;
const top = 78;
const font = 'font-family="system-ui, sans-serif"';

/** Readable on white and on black: each text and line takes the colour of the scheme, bars have a middle tone. */
const style = `<style>
  .back { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e } .line { stroke: #d1d9e0 }
  .bar0 { fill: #8c959f } .bar1 { fill: #bf8700 } .bar2 { fill: #8250df } .bar3 { fill: #1a7f37 } .bar4 { fill: #0969da } .bar5 { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117 } .text { fill: #f0f6fc } .faint { fill: #9198a1 } .line { stroke: #3d444d }
    .bar0 { fill: #9198a1 } .bar1 { fill: #d29922 } .bar2 { fill: #ab7df8 } .bar3 { fill: #3fb950 } .bar4 { fill: #4493f8 } .bar5 { fill: #f85149 }
  }
</style>`;

/** A chart of groups of bars on a logarithmic scale of seconds, as SVG. */
export function barChart(title: string, subtitle: string, groups: readonly BarGroup[]): string {
  const values = groups.flatMap(({ bars }) => bars.flatMap(({ value }) => value ?? []));
  const scale = logarithmic(values);
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
  let y = top;
  const parts: string[] = [];
  for (const { title, bars } of groups) {
    parts.push(`<text class="text" x="12" y="${y + 10}" font-size="12" font-weight="600">${escaped(title)}</text>`);
    y += step;
    for (const bar of bars) {
      parts.push(...drawBar(bar, y, names.indexOf(bar.name), scale));
      y += step;
    }
    y += groupGap;
  }
  const grid = scale.ticks.map((tick) => {
    const x = labelWidth + scale.place(tick);
    return `<line class="line" x1="${x}" x2="${x}" y1="${top - 8}" y2="${y - groupGap}"/><text class="faint" x="${x}" y="${top - 14}" font-size="10" text-anchor="middle">${tick} s</text>`;
  });
  const heading = `<text class="text" x="12" y="22" font-size="15" font-weight="600">${escaped(title)}</text><text class="faint" x="12" y="39" font-size="11">${escaped(subtitle)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" ${font}>
${style}
<rect class="back" width="${width}" height="${y}"/>
${heading}
${grid.join('\n')}
${parts.join('\n')}
</svg>
`;
}

interface Scale {
  readonly ticks: readonly number[];
  readonly place: (value: number) => number;
}

/** Below this there is nothing to see, in seconds. */
const least = 0.01;

/** From the power of ten below the least value to the one above the greatest. */
function logarithmic(values: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.max(least, Math.min(1, ...values))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-9))));
  const room = width - labelWidth - textWidth;
  const place = (value: number): number =>
    (Math.max(0, Math.log10(Math.max(value, least)) - low) / (high - low)) * room;
  return { ticks: Array.from({ length: high - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(1))), place };
}

function drawBar({ name, value, text }: Bar, y: number, color: number, scale: Scale): string[] {
  const length = value === undefined ? 0 : Math.max(2, scale.place(value));
  const bar = `<rect class="bar${color % 6}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`;
  return [
    `<text class="text" x="${labelWidth - 8}" y="${y + 10}" font-size="11" text-anchor="end">${escaped(name)}</text>`,
    ...(value === undefined ? [] : [bar]),
    `<text class="faint" x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 10}" font-size="10">${escaped(text)}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
