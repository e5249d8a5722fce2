/** What the benchmarks make of their figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classes, histogram, percentile } from '../bench/latency/percentiles.ts';
import { barChart } from '../bench/mount/bar-chart.ts';
import { medianFigure } from '../bench/mount/figure.ts';
import { judgeGoals } from '../bench/mount/goals.ts';
import { direct, Results } from '../bench/mount/run.ts';

const line = { up: 0, down: 0, connections: 0, requests: {} };

test('several rounds come to their medians, part by part', () => {
  const figures = [1, 9, 2].map((seconds) => ({ seconds, settled: 10 - seconds, line: { ...line, up: 3 * seconds } }));
  assert.deepEqual(medianFigure(figures), { seconds: 2, settled: 8, line: { ...line, up: 6 } });
});

test('a round that broke is not averaged away', () => {
  const broken = { seconds: 60, broken: '> 60 s' };
  assert.equal(medianFigure([{ seconds: 1 }, broken, { seconds: 1 }]), broken);
  assert.equal(medianFigure([]), undefined);
});

test('goals are judged by the disk and by the direct tool of the same setting', () => {
  const results = new Results();
  results.add(50, 'raw disk', { 'copy in': { seconds: 1 } });
  results.add(50, direct, { 'copy in': { seconds: 5, settled: 5 } });
  results.add(50, 'CloudFusion', { 'copy in': { seconds: 2, settled: 6.1 } });
  results.add(0, 'CloudFusion', { 'copy in': { seconds: 2, settled: 6.1 } });
  const judged = judgeGoals(results).map(({ found, met }) => [found, met]);
  assert.deepEqual(judged, [
    ['2.00 L', true],
    ['1.22 D', false],
  ]);
});

test('what broke meets no goal, and a broken yardstick judges nothing', () => {
  const results = new Results();
  results.add(50, 'raw disk', { 'copy in': { seconds: 1 } });
  results.add(50, direct, { 'copy in': { seconds: 9, broken: 'failed' } });
  results.add(50, 'CloudFusion', { 'copy in': { seconds: 1, broken: '> 60 s' } });
  assert.deepEqual(
    judgeGoals(results).map(({ found, met }) => [found, met]),
    [['> 60 s', false]],
  );
});

test('requests and bytes over the line are goals of their own', () => {
  const results = new Results();
  const moved = { ...line, up: 11e6, down: 26e6, requests: { HEAD: 2000 } };
  for (const row of ['append', 'random reads, cold', 'ls -l of 2,000, cold'])
    results.add(50, 'CloudFusion', { [row]: { seconds: 1, line: moved } });
  const judged = judgeGoals(results).map(({ text, found, met }) => [text, found, met]);
  assert.deepEqual(judged, [
    ['10 MB up', '11.0', false],
    ['in 200 round trips', '20', true],
    ['25 MB down', '26.0', false],
    ['no HEAD a name', '2000', false],
  ]);
});

test('a percentile is a value that was there', () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1000 - i);
  assert.deepEqual(
    [0.5, 0.99, 0.999, 1].map((share) => percentile(values, share)),
    [500, 990, 999, 1000],
  );
  assert.ok(Number.isNaN(percentile([], 0.5)));
  const counts = histogram([0.05, 0.051, 5, 5.1, 1000]);
  assert.equal(counts.length, classes.length);
  assert.deepEqual([counts[0], counts[1], counts[6], counts[7], counts.at(-1)], [1, 1, 1, 1, 1]);
});

test('a chart says what its bars cannot, and takes any name', () => {
  const bars = [
    { name: 'a <b> & c', value: 1, text: '1 s' },
    { name: 'slow', value: undefined, text: '> 60 s' },
  ];
  const chart = barChart('title', 'subtitle', [{ title: 'work', bars }]);
  assert.ok(chart.includes('a &lt;b&gt; &amp; c') && chart.includes('&gt; 60 s'));
  assert.equal(chart.match(/<rect class="bar/g)?.length, 1);
});
